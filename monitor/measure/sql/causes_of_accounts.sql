-- Agencies whose figures of accounts are not what they were ($1 before, $2 after). Who is behind them
-- no closing says: facts are the officials, or accounts, by which the figure that moved most differs.
--
-- $3 whether a list of people or accounts was applied since   $4 whether settings of accounts changed
INSERT INTO closed_change (closing_id, code, channel, what, why, facts)
WITH
-- :include differing_figures
, moved AS (
    SELECT code, channel,
        bool_or(indicator = 'accounts_provisioned' AND
                old_denominator IS DISTINCT FROM new_denominator) AS roster,
        max(greatest(abs(coalesce(new_numerator, 0) - coalesce(old_numerator, 0)),
                     abs(coalesce(new_denominator, 0) - coalesce(old_denominator, 0)), 1)) AS facts
    FROM differing
    WHERE about = 'period' AND scope = 'agency' AND indicator LIKE 'accounts\_%' AND NOT only_coverage
    GROUP BY 1, 2
)
SELECT $2, code, channel, CASE WHEN roster THEN 'roster' ELSE 'account' END,
    CASE WHEN roster THEN 'roster_changed' WHEN $4 THEN 'settings_changed'
         WHEN $3 THEN 'roster_changed' ELSE 'late' END,
    facts
FROM moved
