-- $1 people or accounts   $2 SHA-256 of the file or NULL   $3 actor   $4 whole
INSERT INTO import_run (what, source, as_of, whole, file_sha256, actor, added, changed, ended, unchanged)
SELECT $1, t.source, t.as_of, $4, $2, $3,
    count(*) FILTER (WHERE p.what = 'added'), count(*) FILTER (WHERE p.what = 'changed'),
    count(*) FILTER (WHERE p.what = 'ended'), count(*) FILTER (WHERE p.what = 'unchanged')
FROM terms t LEFT JOIN plan p ON true
GROUP BY t.source, t.as_of;
