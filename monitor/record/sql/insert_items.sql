INSERT INTO item (item_id, day, kind, source, channel, live, received_at, size, oversize, dispatch,
                  envelope_recipients, hops)
SELECT * FROM unnest(
    $1::uuid[], $2::date[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[],
    $8::bigint[], $9::boolean[], $10::uuid[], $11::integer[], $12::jsonb[])
ON CONFLICT DO NOTHING
RETURNING item_id
