-- $1 node   $2 age of its oldest item   $3 behind   $4 drained. Gives all nodes, this one as it is now.
WITH own AS (
    INSERT INTO sampling_node (node, seen_at, oldest_seconds, behind, drained)
    VALUES ($1, clock_timestamp(), $2, $3, $4)
    ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at,
        oldest_seconds = excluded.oldest_seconds, behind = excluded.behind,
        drained = excluded.drained
    RETURNING *
), gone AS (
    DELETE FROM sampling_node WHERE seen_at < now() - interval '1 day' AND node <> $1
)
SELECT seen_at, oldest_seconds, behind, drained, clock_timestamp() AS now FROM own
UNION ALL
SELECT seen_at, oldest_seconds, behind, drained, clock_timestamp() FROM sampling_node
WHERE node <> $1
