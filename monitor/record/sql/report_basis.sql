-- What a report of day $1 stands on: which lists were applied by then, and since and until when
-- activity is known.
SELECT
    EXISTS (SELECT FROM employment WHERE first_day <= $1::date) AS people,
    EXISTS (SELECT FROM account_period WHERE first_day <= $1) AS accounts,
    EXISTS (SELECT FROM account WHERE reported_login IS NOT NULL) AS logons,
    (SELECT min(first_known) FROM (
        SELECT (SELECT m.month FROM activity_month m WHERE m.month = r.month LIMIT 1) AS first_known
        FROM record_month r ORDER BY r.month
    ) months) AS known_since,
    (SELECT max(greatest(sent, login, submission, imap, pop, sync)) FROM address_activity)
        AS known_until,
    (SELECT coalesce(array_agg(w.what || ' ' || w.source || ' ' || w.as_of ORDER BY 1), '{}')
        FROM (
            SELECT i.what, i.source, max(i.as_of) AS as_of FROM import_run i
            WHERE i.what IN ('people', 'accounts') AND i.as_of <= $1 GROUP BY 1, 2
        ) w) AS lists;
