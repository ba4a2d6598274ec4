-- The same by the roster days on which they are there, a bit each.
CREATE TEMP TABLE headcount ON COMMIT DROP AS
SELECT r.agency_id, r.role, $days AS days, r.people FROM $link_roster r
