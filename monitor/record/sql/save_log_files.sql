-- $1 source   $2 numbers of files   $3 their positions
INSERT INTO log_checkpoint (source, file, position)
SELECT $1::text, f.file, f.position::jsonb FROM unnest($2::integer[], $3::text[]) AS f (file, position)
ORDER BY f.file
ON CONFLICT (source, file) DO UPDATE SET position = excluded.position, updated_at = now()
