-- Agencies that are not what they were in the closing before ($1; $2 the one after), and coverage; that
-- of document systems is counted by registers, whose own changes are said already.
INSERT INTO closed_change (closing_id, code, channel, what, why, facts)
WITH
-- :include differing_figures
, agencies AS (
    SELECT code
    FROM (SELECT * FROM closed_agency WHERE closing_id = $1) AS b
    FULL JOIN (SELECT * FROM closed_agency WHERE closing_id = $2) AS a USING (code)
    WHERE (b.agency_id, b.name, b.name_en, b.level, b.parent, b.first_day, b.last_day, b.successors)
        IS DISTINCT FROM
          (a.agency_id, a.name, a.name_en, a.level, a.parent, a.first_day, a.last_day, a.successors)
)
SELECT $2, code, '', 'agency', 'registry_changed', 1 FROM agencies
UNION ALL
SELECT $2, code, channel, 'coverage', 'late', count(*)
FROM differing d WHERE about = 'period' AND scope = 'agency' AND only_coverage AND NOT EXISTS (
    SELECT FROM closed_change c WHERE c.closing_id = $2 AND c.code = d.code AND c.channel = d.channel
      AND c.what = 'register')
GROUP BY code, channel
