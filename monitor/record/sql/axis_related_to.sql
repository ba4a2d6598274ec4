-- What a message says of others, and others of it. A document that has not been seen has no number.
SELECT x.business, true AS says, m.number, m.notation, m.document_ref,
       coalesce(m.sent_at, m.first_received_at) AS at
FROM axis_relation x LEFT JOIN axis_message m ON m.axis_uid = x.of_uid
WHERE x.axis_uid = $1
UNION ALL
SELECT x.business, false, m.number, m.notation, m.document_ref,
       coalesce(m.sent_at, m.first_received_at)
FROM axis_relation x JOIN axis_message m USING (axis_uid)
     JOIN axis_message own ON own.axis_uid = x.of_uid AND own.sender_code = m.sender_code
WHERE x.of_uid = $1
ORDER BY 6, 1
LIMIT 100
