-- $1 days
WITH counted AS (
    SELECT day, agency_id, count(*) AS logged, count(*) FILTER (WHERE captured) AS captured
    FROM gateway_message WHERE day = ANY ($1::date[]) GROUP BY 1, 2
)
INSERT INTO coverage_day AS c (day, agency_id, logged, captured)
SELECT * FROM counted
ON CONFLICT (day, agency_id, channel) DO UPDATE SET logged = excluded.logged, captured = excluded.captured
WHERE (c.logged, c.captured) IS DISTINCT FROM (excluded.logged, excluded.captured)
