-- $1 first day   $2 last day   $3 code of one agency, or null
SELECT c.day, a.code, c.channel, c.logged, c.captured
FROM coverage_day c JOIN agency a USING (agency_id)
WHERE c.day BETWEEN $1 AND $2 AND ($3::text IS NULL OR a.code = $3)
ORDER BY c.channel DESC, a.code, c.day
