-- Days whose facts changed since they were computed last. Those whose rows retention has removed are
-- left as they are: what a replay brings back is not all there was.
WITH taken AS (DELETE FROM changed_day RETURNING day)
SELECT DISTINCT day FROM taken WHERE day >= kept_since('evidence') ORDER BY day
