SELECT d::date AS day
FROM generate_series($1::date, $2::date, interval '1 day') AS d
WHERE is_working_day(d::date)
ORDER BY 1
