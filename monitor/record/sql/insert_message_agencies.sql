INSERT INTO message_agency (message_uid, agency_id, day)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::date[])
ON CONFLICT DO NOTHING
RETURNING message_uid, agency_id
