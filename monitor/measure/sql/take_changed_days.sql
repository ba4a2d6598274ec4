-- Days whose facts changed since they were computed last.
WITH taken AS (DELETE FROM changed_day RETURNING day)
SELECT DISTINCT day FROM taken ORDER BY day
