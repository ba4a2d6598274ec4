-- Days that registers are given for: those a list is complete for, else those that it has rows of.
-- What is there and what comes are joined where they touch.
CREATE TEMPORARY TABLE span_change ON COMMIT DROP AS
WITH given AS (
    SELECT DISTINCT k.agency_id, CASE
        WHEN t.first_day IS NOT NULL THEN daterange(t.first_day, t.last_day, '[]')
        ELSE daterange(k.day, k.day, '[]')
    END AS days
    FROM kept k JOIN plan p USING (n) CROSS JOIN terms t
), held AS (
    SELECT s.agency_id, daterange(s.first_day, s.last_day, '[]') AS days
    FROM register_span s JOIN terms t USING (direction)
    WHERE s.agency_id IN (SELECT agency_id FROM given)
), joined AS (
    SELECT agency_id, unnest(range_agg(days)) AS days
    FROM (SELECT * FROM given UNION ALL SELECT * FROM held) both_of_them GROUP BY agency_id
)
SELECT j.agency_id, j.days, coalesce((
    SELECT range_agg(h.days) FROM held h WHERE h.agency_id = j.agency_id
), '{}'::datemultirange) AS before
FROM joined j
WHERE NOT EXISTS (SELECT FROM held h WHERE (h.agency_id, h.days) = (j.agency_id, j.days))
