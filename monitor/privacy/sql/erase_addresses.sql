-- 64 of the 122 random bits of a version 4 UUID (RFC 9562 section 5.4).   $1 today
UPDATE address a SET sealed_address = NULL, erased_on = $1, pseudonym =
    ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12)
         || right(gen_random_uuid()::text, 4))::bit(64)::bigint
FROM leaving_address l WHERE a.address_id = l.address_id AND NOT l.still_open
