INSERT INTO document_key (document_uid, day, first_at, counted)
SELECT * FROM unnest($1::uuid[], $2::date[], $3::timestamptz[], $4::boolean[])
ON CONFLICT DO NOTHING
RETURNING document_uid
