-- The same of officials: on which roster days they have an enabled account, and what they did.
CREATE TEMP TABLE official_use ON COMMIT DROP AS
SELECT g.person_agency AS agency_id, g.role, g.held_days AS days, g.units, g.active, g.habitual
FROM account_grouped g
WHERE g.kind = 1 AND g.state = 1 AND g.held_days <> 0
