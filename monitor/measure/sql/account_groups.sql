-- On which roster days the groups of the link hold, a bit each.
CREATE TEMP TABLE account_group ON COMMIT DROP AS
SELECT g.group_id, g.account_agency, g.person_agency, g.kind, g.state, g.role,
    $account_days AS account_days, $held_days AS held_days
FROM $link_group g
