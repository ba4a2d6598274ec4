-- The same, with what earlier months say and on which roster days it counts.
CREATE TEMP TABLE account_grouped ON COMMIT DROP AS
SELECT g.*, c.units, CASE WHEN c.asked IS NULL THEN c.active ELSE $answered END AS active,
    c.habitual, c.standing
FROM (
    SELECT c.*, CASE WHEN c.asked IS NOT NULL THEN $before END AS before
    FROM account_counted c
    OFFSET '0'
) AS c JOIN account_group g USING (group_id)
