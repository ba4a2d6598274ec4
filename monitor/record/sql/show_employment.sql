-- Where a person worked, post by post.
SELECT e.first_day, e.last_day, g.code AS agency, e.role
FROM employment e JOIN agency g USING (agency_id)
WHERE e.person_id = $1
ORDER BY e.first_day;
