-- Verification rates in force within a period ($1 first day, $2 last), and since when.
WITH known AS (
    SELECT stratum, from_at, rate,
        lead(from_at) OVER (PARTITION BY stratum ORDER BY from_at) AS until_at
    FROM sampling_rate
)
SELECT stratum, rate,
    CASE WHEN from_at > '-infinity' THEN to_char(from_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END
        AS since
FROM known
WHERE vietnam_day(CASE WHEN from_at > '-infinity' THEN from_at ELSE '1970-01-01' END) <= $2
  AND (until_at IS NULL OR vietnam_day(until_at) >= $1)
ORDER BY stratum, from_at
