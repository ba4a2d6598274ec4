-- Formal documents of the agencies' own that have met no entry, why, and the entries that come
-- nearest; appendices go with their document.
WITH open AS (
    SELECT DISTINCT ON (d.agency_id, d.content_hash) d.agency_id, d.content_hash, d.day, d.channel,
           coalesce(d.issued_on, d.day) AS issued, d.number, d.notation, d.file_name,
           w.number_key, a.code
    FROM document d JOIN agency a USING (agency_id)
    LEFT JOIN match_number w USING (document_uid)
    WHERE ($1::text IS NULL OR a.code = $1) AND d.day BETWEEN $2::date AND $3::date
      AND d.agency_id <> 0 AND d.counted AND NOT d.relayed AND d.document_class = 'formal'
      AND d.role <> 'appendix'
      AND NOT EXISTS (SELECT FROM register_file f JOIN register_entry e USING (entry_id)
                      WHERE f.document_uid = d.document_uid AND f.how <> 'refused'
                        AND e.direction = 'out')
    ORDER BY d.agency_id, d.content_hash, w.number_key IS NULL, d.day, d.channel
), near AS (
    SELECT o.agency_id, o.content_hash, 'ambiguous' AS why, 1 AS weight, s.entry_id
    FROM open o JOIN match_scored s USING (agency_id, content_hash)
    UNION
    SELECT o.agency_id, o.content_hash, 'other_day', 2, e.entry_id
    FROM open o JOIN register_entry e ON e.agency_id = o.agency_id AND e.direction = 'out'
        AND e.year = extract(year FROM o.issued)::smallint AND e.number_key = o.number_key
    WHERE e.gone_run_id IS NULL
    UNION
    SELECT o.agency_id, o.content_hash, 'other_notation', 3, e.entry_id
    FROM open o JOIN register_entry e ON e.agency_id = o.agency_id
        AND e.day BETWEEN o.issued - 7 AND o.issued + 7 AND e.direction = 'out'
        AND split_part(e.number_key, '/', 1) = split_part(o.number_key, '/', 1)
        AND e.number_key <> o.number_key
    WHERE e.gone_run_id IS NULL
    UNION
    SELECT o.agency_id, o.content_hash, 'refused', 4, f.entry_id
    FROM open o JOIN match_document m USING (agency_id, content_hash)
    JOIN register_file f ON f.document_uid = m.document_uid AND f.how = 'refused'
), nearest AS (
    SELECT agency_id, content_hash, why, array_agg(
        e.entry_id || ' ' || concat_ws('/', e.number, e.notation) || ' ('
        || to_char(e.day, 'DD/MM/YYYY') || ')' ORDER BY e.day, e.entry_id) AS candidates
    FROM (
        SELECT *, min(weight) OVER (PARTITION BY agency_id, content_hash) AS best FROM (
            SELECT DISTINCT ON (agency_id, content_hash, entry_id) * FROM near
            ORDER BY agency_id, content_hash, entry_id, why <> 'refused', weight
        ) AS once
    ) AS ranked JOIN register_entry e USING (entry_id, agency_id)
    WHERE weight = best GROUP BY agency_id, content_hash, why
)
SELECT o.code AS agency, encode(o.content_hash, 'hex') AS name,
       concat_ws('/', o.number, o.notation) AS number, o.day, o.channel AS kind,
       array_remove(ARRAY[o.file_name], NULL) AS file_names,
       CASE WHEN n.why IS NOT NULL THEN n.why
            WHEN NOT EXISTS (SELECT FROM register_span s WHERE s.agency_id = o.agency_id
                             AND s.direction = 'out' AND o.issued BETWEEN s.first_day AND s.last_day)
            THEN 'no_register'
            WHEN o.number_key IS NULL THEN 'no_number' ELSE 'not_registered' END AS why,
       coalesce(n.candidates, '{}') AS candidates, count(*) OVER () AS total
FROM open o LEFT JOIN nearest n USING (agency_id, content_hash)
ORDER BY o.code, o.day, o.content_hash
LIMIT $4
