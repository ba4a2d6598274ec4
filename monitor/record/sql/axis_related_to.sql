-- What the message $1 says of others, and others of it. One that has not been seen has no number.
SELECT x.business, true AS says, m.number, m.notation, m.document_ref,
       coalesce(m.sent_at, m.first_received_at) AS at
FROM axis_relation x
LEFT JOIN LATERAL (
    SELECT * FROM axis_message m
    WHERE (m.axis_uid = x.of_uid OR m.base_uid = x.of_uid) AND m.axis_uid <> x.axis_uid
    ORDER BY m.base_uid IS NOT NULL, m.first_received_at LIMIT 1
) AS m ON true
WHERE x.axis_uid = $1
UNION ALL
SELECT x.business, false, m.number, m.notation, m.document_ref,
       coalesce(m.sent_at, m.first_received_at)
FROM axis_message own
JOIN axis_relation x ON x.of_uid = coalesce(own.base_uid, own.axis_uid)
JOIN axis_message m ON m.axis_uid = x.axis_uid AND m.sender_code = own.sender_code
WHERE own.axis_uid = $1 AND m.axis_uid <> own.axis_uid
ORDER BY 6, 1
LIMIT 100
