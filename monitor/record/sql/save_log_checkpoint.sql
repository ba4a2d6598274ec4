-- $1 source   $2 serial that is known (0: none yet)   $3 position with the next. Gives no row when
-- another has written since.
INSERT INTO log_checkpoint AS held (source, file, position)
SELECT $1::text, 0, $3::jsonb
WHERE $2::bigint = 0 OR EXISTS (SELECT FROM log_checkpoint c WHERE c.source = $1 AND c.file = 0)
ON CONFLICT (source, file) DO UPDATE SET position = excluded.position, updated_at = now()
WHERE (held.position->>'serial')::bigint = $2
RETURNING 1
