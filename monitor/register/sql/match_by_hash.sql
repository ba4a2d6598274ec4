-- OFFSET 0: each hash is looked up in its index, whatever the planner thinks of arrays.
INSERT INTO match_candidate
SELECT m.agency_id, m.content_hash, m.document_uid, e.entry_id, 4, true
FROM match_document m CROSS JOIN LATERAL (
    SELECT entry_id, agency_id, direction, day, gone_run_id FROM register_entry
    WHERE file_hashes <> '{}' AND file_hashes @> ARRAY[m.content_hash]
    OFFSET 0
) AS e
WHERE e.agency_id = m.agency_id AND e.direction = 'out' AND e.gone_run_id IS NULL
  AND m.day BETWEEN e.day - $1::integer AND e.day + $2::integer
