-- $1 agency's code or NULL   $2 direction   $3 year   $4 how many. Numbers that several documents of
-- one run have, with the first ten of these.
SELECT a.code AS agency, e.series, e.number_value AS number, count(*) AS documents,
    (array_agg(
        concat_ws('/', coalesce(e.arrival_number, e.number),
            CASE WHEN e.arrival_number IS NULL THEN e.notation END)
        || ' (' || to_char(e.day, 'DD/MM/YYYY') || ')'
        ORDER BY e.day, e.number_key, e.ordinal
    ))[1:10] AS which
FROM register_entry e JOIN agency a USING (agency_id)
WHERE e.direction = $2 AND e.year = $3 AND e.gone_run_id IS NULL
    AND e.number_value IS NOT NULL AND ($1::text IS NULL OR a.code = $1)
GROUP BY a.code, e.series, e.number_value HAVING count(*) > 1
ORDER BY a.code, e.series, e.number_value LIMIT $4
