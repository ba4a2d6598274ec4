-- Messages that went by free mail, the newest first; agency 0 where no copy says whose mailbox sent one on.
WITH used AS (
    SELECT message_uid, day, agency_id, way FROM freemail_use
    UNION ALL
    SELECT f.message_uid, f.day, 0, f.way
    FROM message_freemail f
    WHERE f.agency_id = 0 AND NOT EXISTS (
        SELECT FROM freemail_use u
        WHERE u.message_uid = f.message_uid AND u.day = f.day AND u.way = f.way)
)
SELECT u.message_uid, u.day, a.code AS agency, array_agg(u.way ORDER BY u.way) AS ways, m.occurred_at,
       CASE WHEN m.sender_agency_id = u.agency_id THEN m.direction
            WHEN 'account' = ANY (array_agg(u.way)) THEN 'out' ELSE 'in' END AS direction,
       m.origin, m.attached, m.automatic, m.copies, m.sealed_sender, m.sealed_subject,
       (SELECT array_agg(encode(d.content_hash, 'hex') ORDER BY d.content_hash)
        FROM sending s JOIN document_key k USING (document_uid)
        JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
        WHERE s.dispatch = u.message_uid AND s.day = u.day) AS documents
FROM used u
JOIN message m ON m.message_uid = u.message_uid AND m.day = u.day
JOIN agency a ON a.agency_id = u.agency_id
WHERE ($1::text IS NULL OR a.code = $1)
  AND u.day >= coalesce($2::date, '-infinity') AND u.day <= coalesce($3::date, 'infinity')
  AND m.attached IS NOT NULL
GROUP BY u.message_uid, u.day, u.agency_id, a.code, m.message_uid, m.day
HAVING $4::text IS NULL OR $4 = ANY (array_agg(u.way))
ORDER BY m.occurred_at DESC, u.message_uid, a.code
LIMIT $5
