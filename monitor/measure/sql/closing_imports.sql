-- The newest list of each kind that was applied; where it came from is not said.
SELECT DISTINCT ON (what) what, run_id AS run, as_of::text AS as_of,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
FROM import_run ORDER BY what, run_id DESC
