-- An earlier dispatch recorded later (a mailbox's backlog, a replay) moves a message to its day, but
-- to none that retention has emptied: there it would be in no figure. Gives what moved. Its key is
-- locked already.
UPDATE message_key k SET day = r.day
FROM unnest($1::uuid[], $2::date[], $3::date[], $4::timestamptz[])
    AS r (message_uid, old_day, day, occurred_at)
WHERE k.message_uid = r.message_uid AND r.day >= kept_since('evidence')
RETURNING k.message_uid, r.old_day, r.day, r.occurred_at
