INSERT INTO unknown_sender AS u (day, kind, name, verified, sender, items, last_at)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::boolean[], $5::bigint[],
                     $6::integer[], $7::timestamptz[])
ON CONFLICT (name, sender, kind, verified, day) DO UPDATE
    SET items = u.items + excluded.items, last_at = greatest(u.last_at, excluded.last_at)
