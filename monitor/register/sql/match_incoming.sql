-- Incoming entries meet what others sent by the content's hash alone: a number says nothing without
-- its issuer, whom registers do not name by a code. Two entries of one register are none.
WITH asked AS (
    SELECT e.entry_id, e.file_hashes
    FROM match_due u JOIN register_entry e ON e.agency_id = u.agency_id AND e.day = u.day
    WHERE NOT u.of_documents AND e.direction = 'in'
), file AS (
    SELECT d.document_uid, d.day, d.content_hash
    FROM match_due u JOIN document d ON d.agency_id = u.agency_id AND d.day = u.day
    WHERE u.of_documents
    UNION
    SELECT d.document_uid, d.day, d.content_hash
    FROM asked a CROSS JOIN unnest(a.file_hashes) AS h (content_hash)
    JOIN document d ON d.content_hash = h.content_hash
    UNION
    SELECT d.document_uid, d.day, d.content_hash
    FROM asked a JOIN register_file f USING (entry_id)
    JOIN document_key k ON k.document_uid = f.document_uid
    JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
), claim AS (
    SELECT d.document_uid, e.entry_id,
           count(*) OVER (PARTITION BY d.document_uid, e.agency_id) AS equals
    FROM file d CROSS JOIN LATERAL (
        SELECT entry_id, agency_id, direction, day, gone_run_id FROM register_entry
        WHERE file_hashes <> '{}' AND file_hashes @> ARRAY[d.content_hash]
        OFFSET 0
    ) AS e
    WHERE e.direction = 'in' AND e.gone_run_id IS NULL
      AND d.day BETWEEN e.day - $2::integer AND e.day + $1::integer
      AND NOT EXISTS (SELECT FROM register_file f WHERE f.entry_id = e.entry_id
                      AND f.document_uid = d.document_uid AND f.how = 'refused')
), dropped AS (
    DELETE FROM register_file f USING file d, register_entry e
    WHERE f.document_uid = d.document_uid AND e.entry_id = f.entry_id AND e.direction = 'in'
      AND f.how NOT IN ('by_hand', 'refused')
      AND NOT EXISTS (SELECT FROM claim c WHERE c.entry_id = f.entry_id
                      AND c.document_uid = f.document_uid AND c.equals = 1)
    RETURNING f.entry_id
), added AS (
    INSERT INTO register_file (entry_id, document_uid, how)
    SELECT entry_id, document_uid, 'hash' FROM claim WHERE equals = 1
    ORDER BY entry_id, document_uid
    ON CONFLICT DO NOTHING
    RETURNING entry_id
)
SELECT (SELECT count(*) FROM added) AS linked, (SELECT count(*) FROM dropped) AS dropped
