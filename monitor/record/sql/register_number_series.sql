-- $1 agency's code or NULL   $2 direction   $3 year. Each run of numbers: how long it is, and how
-- much of it is missing. Counting begins at 1 where the register is given since 1 January.
WITH entry AS (
    SELECT e.agency_id, a.code, a.name, e.series, e.number_value
    FROM register_entry e JOIN agency a USING (agency_id)
    WHERE e.direction = $2 AND e.year = $3 AND e.gone_run_id IS NULL
        AND ($1::text IS NULL OR a.code = $1)
), since AS (
    SELECT agency_id, EXISTS (
        SELECT FROM register_span s
        WHERE s.agency_id = w.agency_id AND s.direction = $2
            AND make_date($3, 1, 1) BETWEEN s.first_day AND s.last_day
    ) AS from_one
    FROM (SELECT DISTINCT agency_id FROM entry) w
)
SELECT code AS agency, name, series, from_one, count(*) AS entries,
    min(number_value) AS first, max(number_value) AS last,
    CASE
        WHEN from_one THEN max(number_value)
        ELSE max(number_value) - min(number_value) + 1
    END - count(DISTINCT number_value) FILTER (WHERE number_value > 0 OR NOT from_one) AS missing,
    count(number_value) - count(DISTINCT number_value) AS too_many,
    count(*) FILTER (WHERE number_value IS NULL) AS without_number
FROM entry JOIN since USING (agency_id)
GROUP BY agency_id, code, name, series, from_one
ORDER BY code, series
