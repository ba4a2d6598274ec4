-- $1 agency's code or NULL   $2 direction   $3 year   $4 how many. Ranges of numbers that nothing
-- has, with the days of what stands before and behind them.
WITH used AS (
    SELECT e.agency_id, a.code, e.series, e.number_value, min(e.day) AS day
    FROM register_entry e JOIN agency a USING (agency_id)
    WHERE e.direction = $2 AND e.year = $3 AND e.gone_run_id IS NULL
        AND e.number_value IS NOT NULL AND ($1::text IS NULL OR a.code = $1)
    GROUP BY e.agency_id, a.code, e.series, e.number_value
), step AS (
    SELECT *, lag(number_value) OVER w AS before, lag(day) OVER w AS day_before
    FROM used WINDOW w AS (PARTITION BY agency_id, series ORDER BY number_value)
), known AS (
    SELECT *, CASE
        WHEN before IS NOT NULL THEN before
        WHEN EXISTS (
            SELECT FROM register_span s
            WHERE s.agency_id = step.agency_id AND s.direction = $2
                AND make_date($3, 1, 1) BETWEEN s.first_day AND s.last_day
        ) THEN 0
        ELSE number_value - 1
    END AS last_used
    FROM step
)
SELECT code AS agency, series, last_used + 1 AS first, number_value - 1 AS last,
    day_before AS after_day, day AS before_day
FROM known WHERE number_value > last_used + 1
ORDER BY code, series, first LIMIT $4
