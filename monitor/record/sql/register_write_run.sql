-- $1 SHA-256 of the files   $2 actor. No row for the same files again that change nothing.
WITH counted AS (
    SELECT count(*) FILTER (WHERE what = 'added') AS added,
        count(*) FILTER (WHERE what = 'changed') AS changed,
        (SELECT count(*) FROM gone) AS gone,
        count(*) FILTER (WHERE what = 'unchanged') AS unchanged
    FROM plan
)
INSERT INTO import_run
    (what, source, as_of, whole, file_sha256, actor, added, changed, ended, unchanged)
SELECT 'register', t.source, t.as_of, t.whole, $1, $2, c.added, c.changed, c.gone, c.unchanged
FROM terms t CROSS JOIN counted c
WHERE c.added + c.changed + c.gone > 0 OR EXISTS (SELECT FROM span_change)
    OR NOT EXISTS (
        SELECT FROM import_run i
        WHERE i.what = 'register' AND i.source = t.source AND i.file_sha256 = $1
    )
RETURNING run_id
