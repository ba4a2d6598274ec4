SELECT document_uid, day FROM document_key WHERE document_uid = ANY ($1::uuid[])
ORDER BY document_uid FOR UPDATE
