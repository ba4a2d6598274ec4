INSERT INTO signature_evidence (content_hash, ordinal, digest_algorithm, content_digest, cms)
SELECT * FROM unnest($1::bytea[], $2::smallint[], $3::text[], $4::text[], $5::bytea[])
ON CONFLICT DO NOTHING
