-- Messages of the days $2 to $3 that went by free mail, the newest first; agency 0 where no copy says
-- whose mailbox sent one on.
WITH named AS MATERIALIZED (
    SELECT message_uid, day, agency_id, way FROM freemail_use
    WHERE day BETWEEN $2 AND $3
      AND ($1::text IS NULL OR agency_id = (SELECT agency_id FROM agency WHERE code = $1))
), used AS (
    SELECT * FROM named
    UNION ALL
    SELECT f.message_uid, f.day, 0, f.way
    FROM message_freemail f
    WHERE $1::text IS NULL AND f.agency_id = 0 AND f.day BETWEEN $2 AND $3
      AND NOT EXISTS (
        SELECT FROM named u
        WHERE u.message_uid = f.message_uid AND u.day = f.day AND u.way = f.way)
), found AS MATERIALIZED (
    SELECT message_uid, day, agency_id, array_agg(way ORDER BY way) AS ways FROM used
    GROUP BY message_uid, day, agency_id
    HAVING $4::text IS NULL OR $4 = ANY (array_agg(way))
)
SELECT u.message_uid, u.day, a.code AS agency, u.ways, m.occurred_at,
       CASE WHEN m.sender_agency_id = u.agency_id THEN m.direction
            WHEN 'account' = ANY (u.ways) THEN 'out' ELSE 'in' END AS direction,
       m.origin, m.attached, m.automatic, m.copies, m.sealed_sender, m.sealed_subject,
       (SELECT array_agg(encode(d.content_hash, 'hex') ORDER BY d.content_hash)
        FROM sending s JOIN document_key k USING (document_uid)
        JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
        WHERE s.dispatch = u.message_uid AND s.day = u.day) AS documents
FROM found u
JOIN agency a ON a.agency_id = u.agency_id, LATERAL (
    SELECT * FROM message m
    WHERE m.message_uid = u.message_uid AND m.day = u.day AND m.attached IS NOT NULL LIMIT 1
) AS m
ORDER BY m.occurred_at DESC, u.message_uid, a.code
LIMIT $5
