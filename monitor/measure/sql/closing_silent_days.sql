-- Working days of a period ($1 first, $2 last) on which nothing at all came through a channel that
-- brought something on another of its days.
WITH met AS (
    SELECT channel, day FROM item WHERE day BETWEEN $1 AND $2 GROUP BY 1, 2
), worked AS (
    SELECT d::date AS day FROM generate_series($1::date, $2::date, interval '1 day') AS d
    WHERE is_working_day(d::date)
)
SELECT c.channel, array_agg(w.day::text ORDER BY w.day) AS days
FROM (SELECT DISTINCT channel FROM met) AS c CROSS JOIN worked w
LEFT JOIN met USING (channel, day)
WHERE met.day IS NULL
GROUP BY 1 ORDER BY 1
