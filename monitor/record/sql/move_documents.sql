-- An earlier dispatch recorded later (a replay), or the first that counts, moves the document to
-- its day, but to none that retention has emptied: there it would be in no figure. Gives what moved,
-- with the day it left.
WITH candidate AS (
    SELECT * FROM unnest($1::uuid[], $2::date[], $3::timestamptz[], $4::boolean[])
        AS r (document_uid, day, first_at, counted)
), old AS (
    SELECT k.document_uid, k.day AS old_day, r.day, r.first_at, r.counted
    FROM document_key k JOIN candidate r USING (document_uid)
    WHERE ((r.counted AND NOT k.counted) OR (r.counted = k.counted AND r.first_at < k.first_at))
      AND r.day >= kept_since('evidence')
    ORDER BY k.document_uid
    FOR UPDATE OF k
)
UPDATE document_key k SET day = o.day, first_at = o.first_at, counted = o.counted
FROM old o WHERE k.document_uid = o.document_uid
RETURNING k.document_uid, o.old_day, o.day, o.first_at, o.counted
