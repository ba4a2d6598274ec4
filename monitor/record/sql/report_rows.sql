-- The rows of the report, by agency and then pseudonym; what is sealed only where $2 asks for it.
SELECT a.code, coalesce(ap.name, a.name) AS agency, p.pseudonym AS person,
    d.pseudonym AS address, r.together, r.why, r.role, r.kind, r.state, r.source, r.day, r.days,
    r.last_human, r.last_other, r.reported,
    CASE WHEN $2::boolean THEN p.sealed_key END AS sealed_key,
    CASE WHEN $2 THEN p.sealed_name END AS sealed_name,
    CASE WHEN $2 THEN d.sealed_address END AS sealed_address
FROM report_row r
JOIN agency a USING (agency_id)
LEFT JOIN agency_period ap
    ON ap.agency_id = r.agency_id AND $1::date BETWEEN ap.first_day AND ap.last_day
LEFT JOIN person p USING (person_id)
LEFT JOIN address d USING (address_id)
ORDER BY a.code, r.together NULLS FIRST, coalesce(p.pseudonym, d.pseudonym), d.pseudonym;
