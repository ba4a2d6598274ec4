SELECT m.axis_uid, m.day, m.number, m.notation, m.document_ref, m.issued_on, m.document_type,
       m.business, m.paper, m.due_on, m.sent_at, m.first_received_at, m.copies, m.container,
       m.findings, m.sender_code, nullif(a.code, '') AS sender_agency,
       coalesce(nullif(a.name, ''), m.sender_name) AS sender_name
FROM axis_message m JOIN agency a ON a.agency_id = m.sender_agency_id
WHERE (m.number = $1 OR m.number || '/' || m.notation = $1 OR m.document_ref = $1 OR m.axis_uid = $2)
  AND ($3::text IS NULL OR a.code = $3)
ORDER BY m.day DESC, m.axis_uid
LIMIT $4
