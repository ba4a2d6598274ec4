INSERT INTO message_key (message_uid, day)
SELECT * FROM unnest($1::uuid[], $2::date[])
ON CONFLICT DO NOTHING
RETURNING message_uid
