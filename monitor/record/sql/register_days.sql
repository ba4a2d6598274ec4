-- $1 agency's code. Days that its registers are given for.
SELECT s.direction, s.first_day, s.last_day
FROM register_span s JOIN agency a USING (agency_id) WHERE a.code = $1
ORDER BY s.direction, s.first_day
