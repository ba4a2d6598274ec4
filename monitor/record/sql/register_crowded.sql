-- $1 most documents of one number: with more the column is not that of numbers.
WITH crowded AS (
    SELECT agency_id, year, number_key, count(*) AS times FROM kept
    GROUP BY agency_id, year, number_key HAVING count(*) > $1
)
INSERT INTO conflict (kind, n, times)
SELECT 'crowded', k.n, c.times FROM kept k JOIN crowded c USING (agency_id, year, number_key)
