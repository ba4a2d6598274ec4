-- Which days each window holds; $1 is today (Vietnam day).
--
-- Windows hold complete days only, but for `period`: the calendar month to date, today included.
-- wd5 and wd20_prior are sets of working days; what was dispatched on a free day is in 30d and
-- period only.
INSERT INTO figure_day (window_name, day, working)
WITH working AS (
    SELECT d::date AS day, row_number() OVER (ORDER BY d DESC) AS back
    FROM generate_series($1::date - 90, $1::date - 1, interval '1 day') AS d
    WHERE is_working_day(d::date)
)
SELECT 'wd5', day, true FROM working WHERE back <= 5
UNION ALL
SELECT 'wd20_prior', day, true FROM working WHERE back BETWEEN 6 AND 25
UNION ALL
SELECT '30d', d::date, is_working_day(d::date)
FROM generate_series($1::date - 30, $1::date - 1, interval '1 day') AS d
UNION ALL
SELECT 'period', d::date, is_working_day(d::date)
FROM generate_series(date_trunc('month', $1::timestamp), $1::timestamp, interval '1 day') AS d
UNION ALL
SELECT 'last_month', d::date, is_working_day(d::date)
FROM generate_series(date_trunc('month', $1::timestamp) - interval '1 month',
                     date_trunc('month', $1::timestamp) - interval '1 day',
                     interval '1 day') AS d
