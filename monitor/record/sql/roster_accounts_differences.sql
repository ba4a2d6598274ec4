-- $1 how many. In the order of the list, then what is missing in it.
SELECT p.at_row, p.what, p.pseudonym, coalesce(p.sealed_key, a.sealed_address) AS sealed,
    o.code AS old_agency, n.code AS agency,
    p.old_kind || ' ' || p.old_state AS old_standing, p.kind || ' ' || p.state AS standing,
    p.begins AS first_day, NULL::date AS last_day
FROM (
    SELECT * FROM plan WHERE what <> 'unchanged' ORDER BY at_row NULLS LAST, pseudonym LIMIT $1
) p
LEFT JOIN address a ON a.pseudonym = p.pseudonym
LEFT JOIN agency o ON o.agency_id = p.old_agency_id
LEFT JOIN agency n ON n.agency_id = p.agency_id
ORDER BY p.at_row NULLS LAST, p.pseudonym;
