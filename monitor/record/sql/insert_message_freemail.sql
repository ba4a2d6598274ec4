INSERT INTO message_freemail (message_uid, agency_id, way, day)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::date[])
ON CONFLICT DO NOTHING
