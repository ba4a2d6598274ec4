UPDATE person p SET sealed_key = NULL, sealed_name = NULL, erased_on = $1, pseudonym =
    ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12)
         || right(gen_random_uuid()::text, 4))::bit(64)::bigint
FROM leaving l WHERE p.person_id = l.person_id
