-- To be asked about later, unless a copy has proven the message meanwhile.
INSERT INTO origin_due (message_uid, day, next_at, asked)
SELECT r.message_uid, k.day, r.next_at, r.asked
FROM unnest($1::uuid[], $2::date[], $3::timestamptz[], $4::jsonb[])
    AS r (message_uid, day, next_at, asked)
JOIN message_key k USING (message_uid)
JOIN message m ON m.message_uid = k.message_uid AND m.day = k.day AND m.origin = 'unknown'
ON CONFLICT DO NOTHING
