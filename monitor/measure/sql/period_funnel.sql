-- What funnel_counted.sql counted, for closing $3.
INSERT INTO closed_funnel (closing_id, code, role, first_day, last_day, sends, signs, validates)
SELECT $3, a.code, c.role, $1, $2, c.sends, c.signs, c.validates
FROM counted c JOIN agency a USING (agency_id)
ORDER BY a.code, c.role
