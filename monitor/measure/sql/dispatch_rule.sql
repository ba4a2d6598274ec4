-- Remembers by which hour and calendar on-time dispatch is counted; where they have changed, every
-- day that it was counted on is due anew.
-- $1 Vietnam time until which it is in time
WITH rule AS (
    SELECT $1::time::text || ' ' || md5(coalesce(
        string_agg(day::text || working::text, ' ' ORDER BY day), '')) AS value
    FROM calendar_day
), changed AS (
    INSERT INTO meta AS m (name, value) SELECT 'dispatch_rule', value FROM rule
    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE m.value <> excluded.value
    RETURNING name
)
INSERT INTO changed_day
SELECT DISTINCT day FROM day_fact
WHERE indicator = 'dispatched_on_time' AND EXISTS (SELECT FROM changed)
