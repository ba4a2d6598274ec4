-- The link as it is measured over: narrow, the dates of addresses null where there is no end.
CREATE $kind TABLE $link AS
SELECT l.address_id, g.group_id, l.account_id, l.person_id, l.several,
    l.address_first, l.address_last, l.created_on, l.reported_login
FROM $link_row l JOIN $link_group g
    USING (account_agency, person_agency, kind, state, role,
           account_first, account_last, held_first, held_last)
