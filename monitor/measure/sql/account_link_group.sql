-- What rows of the link have in common: some thousands of rows, so that the days on which they hold
-- are looked at a few thousand times and not millions.
--
-- `kind` of the account: 1 personal, 2 mailbox, 3 shared; its `state`: 1 enabled, 2 locked,
-- 3 closed; `role` of the official: 0 none, 1 leader, 2 staff. The account stands so and has the
-- address from account_first to account_last; the address is the official's too from held_first to
-- held_last.
CREATE $kind TABLE $link_group AS
SELECT row_number() OVER ()::integer AS group_id, g.*
FROM (
    SELECT DISTINCT account_agency, person_agency, kind, state, role,
        account_first, account_last, held_first, held_last
    FROM $link_row
) AS g
