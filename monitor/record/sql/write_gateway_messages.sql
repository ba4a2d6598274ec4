-- $1 message refs   $2 days   $3 agency ids. In key order, as every writer does.
INSERT INTO gateway_message (message_ref, day, agency_id)
SELECT g.message_ref, g.day, g.agency_id
FROM unnest($1::bigint[], $2::date[], $3::integer[]) AS g (message_ref, day, agency_id)
ORDER BY g.day, g.message_ref
ON CONFLICT DO NOTHING
