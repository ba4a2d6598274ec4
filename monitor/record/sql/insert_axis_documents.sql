INSERT INTO axis_document (axis_uid, document_uid)
SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) ORDER BY 1, 2
ON CONFLICT DO NOTHING
