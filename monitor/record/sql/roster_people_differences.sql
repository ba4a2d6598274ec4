-- $1 how many. In the order of the list, then who is missing in it.
SELECT p.at_row, p.what, p.pseudonym, coalesce(p.sealed_key, w.sealed_key) AS sealed,
    o.code AS old_agency, n.code AS agency, p.old_role AS old_standing, p.role AS standing,
    p.begins AS first_day, CASE WHEN p.what = 'ended' THEN p.ends END AS last_day
FROM (
    SELECT * FROM plan WHERE what <> 'unchanged' ORDER BY at_row NULLS LAST, pseudonym LIMIT $1
) p
LEFT JOIN person w ON w.person_id = p.person_id
LEFT JOIN agency o ON o.agency_id = p.old_agency_id
LEFT JOIN agency n ON n.agency_id = p.agency_id
ORDER BY p.at_row NULLS LAST, p.pseudonym;
