-- To be asked about later, unless a copy has proven the message meanwhile. What another copy asks is asked
-- beside it: either may prove the message.
INSERT INTO origin_due AS d (message_uid, day, next_at, asked)
SELECT r.message_uid, k.day, r.next_at, r.asked
FROM unnest($1::uuid[], $2::date[], $3::timestamptz[], $4::jsonb[])
    AS r (message_uid, day, next_at, asked)
JOIN message_key k USING (message_uid)
JOIN message m ON m.message_uid = k.message_uid AND m.day = k.day AND m.origin = 'unknown'
ON CONFLICT (message_uid) DO UPDATE SET asked = d.asked || excluded.asked
WHERE NOT d.asked @> excluded.asked AND jsonb_array_length(d.asked) < $5
