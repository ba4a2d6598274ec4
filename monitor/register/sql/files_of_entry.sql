SELECT encode(d.content_hash, 'hex') AS content_hash, d.file_name, d.channel, d.first_at,
       d.overall, d.cause, d.role, f.how
FROM register_file f JOIN document_key k ON k.document_uid = f.document_uid
JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
WHERE f.entry_id = $1
ORDER BY f.how = 'refused', d.first_at, d.document_uid
