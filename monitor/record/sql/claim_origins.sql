-- Messages that are due, at most $2, each put off by a pause that doubles from $3 to $4. Who takes
-- them has them alone until then.
UPDATE origin_due d SET
    tries = d.tries + 1,
    next_at = $1::timestamptz + least($3::interval * (2 ^ least(d.tries, 20)), $4::interval)
FROM (
    SELECT message_uid FROM origin_due WHERE next_at <= $1::timestamptz
    ORDER BY next_at LIMIT $2
    FOR UPDATE SKIP LOCKED
) AS r
WHERE d.message_uid = r.message_uid
RETURNING d.message_uid, d.tries, d.asked
