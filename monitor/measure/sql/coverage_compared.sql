-- What coverage is over: the days of wd5 for mail, of last_month for registers ($1: today).
WITH wd5 AS (
    SELECT d::date AS day FROM generate_series($1::date - 62, $1::date - 1, interval '1 day') d
    WHERE is_working_day(d::date) ORDER BY day DESC LIMIT 5
)
SELECT a.code, c.channel, sum(c.logged)::bigint AS sent
FROM coverage_day c JOIN agency a USING (agency_id)
WHERE c.channel = 'mail' AND c.day IN (SELECT day FROM wd5)
   OR c.channel = 'docsys' AND c.day >= date_trunc('month', $1::date) - interval '1 month'
                           AND c.day < date_trunc('month', $1::date)
GROUP BY a.code, c.channel HAVING sum(c.logged) > 0
ORDER BY a.code, c.channel
