-- Fills `evidence` up to day $1; $2 and $3: since and until when activity is known from logs.
-- Logs speak of a source of accounts only where they ever named one of its accounts.
WITH sources AS (
    SELECT a.source, max(a.reported_login) IS NOT NULL AS reports FROM account a GROUP BY 1
), spoken_of AS (
    SELECT s.source, s.reports,
        EXISTS (
            SELECT FROM account a
            JOIN account_address aa USING (account_id)
            JOIN address_activity x ON x.address_id = aa.address_id
            WHERE a.source = s.source
        ) AND $2::date <= $1::date AS logged,
        (SELECT max(i.as_of) FROM import_run i
            WHERE i.what = 'accounts' AND i.source = s.source AND i.as_of <= $1) AS listed_on
    FROM sources s
), known AS (
    SELECT source, logged, coalesce(reports AND listed_on IS NOT NULL, false) AS reports, listed_on,
        least($3::date, $1) AS logged_until
    FROM spoken_of
)
INSERT INTO evidence
SELECT source,
    CASE WHEN reports THEN '-infinity' ELSE $2 END,
    CASE
        WHEN NOT reports THEN logged_until
        WHEN logged AND $2 <= listed_on THEN greatest(logged_until, listed_on)
        ELSE listed_on
    END
FROM known
WHERE reports OR logged;
