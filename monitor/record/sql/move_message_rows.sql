-- What hangs on a message goes with it.
WITH moved AS (
    SELECT * FROM unnest($1::uuid[], $2::date[], $3::date[], $4::timestamptz[])
        AS r (message_uid, old_day, day, occurred_at)
), agencies AS (
    UPDATE message_agency a SET day = r.day FROM moved r
    WHERE a.message_uid = r.message_uid AND a.day = r.old_day AND a.day = ANY ($2::date[])
), freemail AS (
    UPDATE message_freemail f SET day = r.day FROM moved r
    WHERE f.message_uid = r.message_uid AND f.day = r.old_day AND f.day = ANY ($2::date[])
), sendings AS (
    UPDATE sending s SET day = r.day FROM moved r
    WHERE s.dispatch = r.message_uid AND s.day = r.old_day AND s.day = ANY ($2::date[])
)
UPDATE message m SET day = r.day, occurred_at = r.occurred_at FROM moved r
WHERE m.message_uid = r.message_uid AND m.day = r.old_day AND m.day = ANY ($2::date[])
