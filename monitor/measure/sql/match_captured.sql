-- Messages of the gateway's log whose copies have come meanwhile; gives their days.
-- $1 first day that is looked at: a copy may wait in the gateway's queue for days.
WITH come AS (
    UPDATE gateway_message g SET captured = true
    FROM message m
    WHERE NOT g.captured AND g.day >= $1
      AND m.message_ref = g.message_ref AND m.day >= $1::date - 1
    RETURNING g.day
)
SELECT DISTINCT day FROM come
