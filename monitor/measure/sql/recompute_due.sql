-- $1 days
-- Those that the daemon is to count anew anyway.
SELECT day FROM changed_day WHERE day = ANY ($1::date[])
UNION
SELECT day FROM coverage_due WHERE day = ANY ($1::date[])
