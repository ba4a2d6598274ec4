-- What differs ($1 before, $2 after) and has no cause yet. Figures that no fact explains are counted
-- another way by another version of the program, or have an interval that days before the period
-- decide; those of other periods changed with their own facts.
INSERT INTO closed_change (closing_id, code, channel, what, why, facts)
SELECT $2, CASE scope WHEN 'agency' THEN code ELSE '' END, channel, 'figure', 'recomputed', count(*)
FROM (
-- :include unexplained_figures
) AS f
GROUP BY 2, channel
UNION ALL
SELECT $2, '', '', 'comparison', 'recomputed', count(*)
FROM (
WITH
-- :include differing_figures
SELECT FROM differing WHERE about <> 'period' OR panel <> ''
) AS d
HAVING count(*) > 0
