WITH taken AS (DELETE FROM coverage_due RETURNING day) SELECT DISTINCT day FROM taken
