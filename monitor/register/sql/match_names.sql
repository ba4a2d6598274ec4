-- Names of files that entries near give: the file was sent from $1 days before to $2 after.
WITH reach AS (
    SELECT agency_id,
           unnest(range_agg(daterange(day - $2::integer, day + $1::integer + 1))) AS days
    FROM match_document WHERE name_key IS NOT NULL AND NOT relayed GROUP BY agency_id
)
INSERT INTO match_name
SELECT DISTINCT e.entry_id, e.agency_id, e.day, e.number_key, file_name_key(n.name)
FROM reach r JOIN register_entry e ON e.agency_id = r.agency_id
    AND e.day >= lower(r.days) AND e.day < upper(r.days)
CROSS JOIN unnest(e.file_names) AS n (name)
WHERE e.direction = 'out' AND e.gone_run_id IS NULL AND e.file_names <> '{}'
