-- $1 name. Gives its number, the lowest that is free; none when all are taken.
WITH free AS (
    SELECT n FROM generate_series(0, 30) n
    WHERE NOT EXISTS (SELECT FROM activity_source s WHERE s.source_id = n) ORDER BY n LIMIT 1
), added AS (
    INSERT INTO activity_source (source_id, name) SELECT n, $1 FROM free
    ON CONFLICT (name) DO NOTHING RETURNING source_id
)
SELECT source_id FROM added
UNION ALL SELECT source_id FROM activity_source WHERE name = $1
