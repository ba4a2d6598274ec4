-- $1 how many. Rows under whose number another document stands: in an earlier row, or in the record.
WITH number AS (
    SELECT agency_id, year, number_key, count(*) AS times, min(k.n) AS first
    FROM kept k JOIN plan p USING (n) GROUP BY agency_id, year, number_key
), standing AS (
    SELECT k.n, k.agency_id, k.year, k.number_key, p.entry_id, m.first, m.times
    FROM number m JOIN kept k USING (agency_id, year, number_key) JOIN plan p USING (n)
    WHERE m.times > 1 OR p.what = 'added'
), doubles AS (
    SELECT n, first AS other, times FROM standing WHERE n <> first
    UNION ALL
    SELECT s.n, NULL, 2 FROM standing s
    WHERE s.times = 1 AND s.entry_id IS NULL AND EXISTS (
        SELECT FROM register_entry e
        WHERE (e.agency_id, e.year, e.number_key) = (s.agency_id, s.year, s.number_key)
            AND e.direction = (SELECT direction FROM terms) AND e.gone_run_id IS NULL
            AND NOT EXISTS (SELECT FROM gone g WHERE g.entry_id = e.entry_id)
    )
)
SELECT 'double' AS kind, l.file, l.at_row, o.file AS other_file, o.at_row AS other_row,
    a.code AS agency, l.number_key, d.times, NULL::date AS day, count(*) OVER () AS total
FROM doubles d
JOIN listed l USING (n)
LEFT JOIN listed o ON o.n = d.other
JOIN agency a ON a.agency_id = l.agency_id
ORDER BY d.n LIMIT $1
