-- $1 since when what passed before has fallen
-- Checks of each agency's domains that fail, and of these those that passed until lately; agency null
-- is a check of all domains of the registry, each once, by what is decided.
SELECT a.code AS agency, NULL AS check_name, NULL AS status, count(*) FILTER (WHERE c.decided = 'fail')
    AS checks, count(*) FILTER (WHERE c.decided = 'fail' AND c.decided_before = 'pass'
                                AND c.decided_since > $1) AS fallen
FROM posture_check c, unnest(c.agencies) AS a (code) GROUP BY 1
UNION ALL
SELECT NULL, check_name, coalesce(decided, 'unknown'), count(*), 0 FROM posture_check GROUP BY 2, 3
ORDER BY 1, 2, 3
