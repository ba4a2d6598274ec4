-- Of what went out electronically by the registers of the given days, how much was captured.
WITH counted AS (
    SELECT day, agency_id, sum(numerator) FILTER (WHERE base = '') AS logged,
           sum(numerator) FILTER (WHERE base = 'observed') AS captured
    FROM day_fact
    WHERE indicator = 'document_electronic' AND day = ANY ($1::date[])
    GROUP BY 1, 2
), stored AS (
    INSERT INTO coverage_day AS c (day, agency_id, channel, logged, captured)
    SELECT day, agency_id, 'docsys', logged, captured FROM counted WHERE logged > 0
    ON CONFLICT (day, agency_id, channel) DO UPDATE
    SET logged = excluded.logged, captured = excluded.captured
    WHERE (c.logged, c.captured) IS DISTINCT FROM (excluded.logged, excluded.captured)
)
DELETE FROM coverage_day c WHERE channel = 'docsys' AND day = ANY ($1::date[]) AND NOT EXISTS (
    SELECT FROM counted n
    WHERE n.day = c.day AND n.agency_id = c.agency_id AND n.logged > 0)
