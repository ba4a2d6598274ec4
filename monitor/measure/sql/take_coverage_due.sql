-- Not those whose log lines retention has removed: their coverage stays as it was.
WITH taken AS (DELETE FROM coverage_due WHERE channel = 'mail' RETURNING day)
SELECT DISTINCT day FROM taken WHERE day >= kept_since('gateway')
