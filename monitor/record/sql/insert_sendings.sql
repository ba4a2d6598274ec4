INSERT INTO sending (document_uid, dispatch, day, at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::timestamptz[])
ON CONFLICT DO NOTHING
RETURNING document_uid, dispatch
