-- $$1 days
-- Rows of one table that are not what they were, by day: one that changed is one.
SELECT day, greatest(count(*) FILTER (WHERE was), count(*) FILTER (WHERE NOT was)) AS rows
FROM (
    SELECT lost.*, true AS was FROM (
        SELECT * FROM before_$table
        EXCEPT ALL SELECT * FROM $table WHERE day = ANY ($$1::date[])) AS lost
    UNION ALL
    SELECT new.*, false FROM (
        SELECT * FROM $table WHERE day = ANY ($$1::date[])
        EXCEPT ALL SELECT * FROM before_$table) AS new
) AS differing
GROUP BY day
