-- Not those whose log lines retention has removed: their coverage stays as it was.
WITH taken AS (DELETE FROM coverage_due RETURNING day)
SELECT DISTINCT day FROM taken WHERE day >= kept_since('gateway')
