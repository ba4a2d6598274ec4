-- Entries that no file has been met for, why, and the files that come nearest. Those on paper alone,
-- secret, cancelled or gone have none to meet.
WITH open AS (
    SELECT e.*, a.code FROM register_entry e JOIN agency a USING (agency_id)
    WHERE ($1::text IS NULL OR a.code = $1) AND e.day BETWEEN $2::date AND $3::date
      AND e.direction = 'out' AND e.gone_run_id IS NULL AND NOT e.secret
      AND e.paper IS DISTINCT FROM 'paper' AND e.status IS DISTINCT FROM 'cancelled'
      AND NOT EXISTS (SELECT FROM register_file f
                      WHERE f.entry_id = e.entry_id AND f.how <> 'refused')
), free AS (
    SELECT m.*, w.number_key FROM match_document m LEFT JOIN match_number w USING (document_uid)
    WHERE NOT EXISTS (SELECT FROM match_scored s WHERE s.agency_id = m.agency_id
                      AND s.content_hash = m.content_hash AND s.found)
), near AS (
    SELECT o.entry_id, 'ambiguous' AS why, 1 AS weight, f.content_hash, f.file_name, f.day
    FROM open o JOIN match_scored s USING (entry_id)
    JOIN free f ON f.agency_id = s.agency_id AND f.content_hash = s.content_hash
    UNION
    SELECT o.entry_id, 'other_day', 2, f.content_hash, f.file_name, f.day
    FROM open o JOIN free f ON f.agency_id = o.agency_id AND f.number_key = o.number_key
    UNION
    SELECT o.entry_id, 'other_notation', 3, f.content_hash, f.file_name, f.day
    FROM open o JOIN free f ON f.agency_id = o.agency_id
        AND split_part(f.number_key, '/', 1) = split_part(o.number_key, '/', 1)
        AND f.number_key <> o.number_key AND abs(f.day - o.day) <= 7
    UNION
    SELECT o.entry_id, 'refused', 4, d.content_hash, d.file_name, d.day
    FROM open o JOIN register_file r ON r.entry_id = o.entry_id AND r.how = 'refused'
    JOIN document_key k ON k.document_uid = r.document_uid
    JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
), nearest AS (
    SELECT entry_id, why, array_agg(
        left(encode(content_hash, 'hex'), 12) || ' ' || coalesce(file_name, '–') || ' ('
        || to_char(day, 'DD/MM/YYYY') || ')' ORDER BY day, content_hash) AS candidates
    FROM (
        SELECT *, min(weight) OVER (PARTITION BY entry_id) AS best FROM (
            SELECT DISTINCT ON (entry_id, content_hash) * FROM near
            ORDER BY entry_id, content_hash, why <> 'refused', weight
        ) AS once
    ) AS ranked WHERE weight = best GROUP BY entry_id, why
)
SELECT o.code AS agency, o.entry_id::text AS name, concat_ws('/', o.number, o.notation) AS number,
       o.day, o.document_type AS kind, o.file_names, coalesce(n.why, 'no_file') AS why,
       coalesce(n.candidates, '{}') AS candidates, count(*) OVER () AS total
FROM open o LEFT JOIN nearest n USING (entry_id)
ORDER BY o.code, o.day, o.number_value NULLS LAST, o.entry_id
LIMIT $4
