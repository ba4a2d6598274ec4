INSERT INTO evidence_blob (sha256, content)
SELECT * FROM unnest($1::bytea[], $2::bytea[])
ON CONFLICT DO NOTHING
