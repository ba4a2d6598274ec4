SELECT encode(d.content_hash, 'hex') AS content_hash, d.file_name, d.role, d.overall, d.cause
FROM axis_document x JOIN document_key k USING (document_uid)
     JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
WHERE x.axis_uid = $1
ORDER BY d.role DESC, d.file_name, d.content_hash
LIMIT 1000
