-- Names of files that entries near give: the file was sent from $1 days before to $2 after. A name
-- that more than $3 entries near give (all files of an export may be called signed.pdf) tells none
-- of them from the others.
WITH reach AS (
    SELECT agency_id,
           unnest(range_agg(daterange(day - $2::integer, day + $1::integer + 1))) AS days
    FROM match_document WHERE name_key IS NOT NULL AND NOT relayed GROUP BY agency_id
), given AS (
    SELECT DISTINCT e.entry_id, e.agency_id, e.day, e.number_key, r.days,
           file_name_key(n.name) AS name_key
    FROM reach r JOIN register_entry e ON e.agency_id = r.agency_id
        AND e.day >= lower(r.days) - $1::integer - $2::integer
        AND e.day < upper(r.days) + $1::integer + $2::integer
    CROSS JOIN unnest(e.file_names) AS n (name)
    WHERE e.direction = 'out' AND e.gone_run_id IS NULL AND e.file_names <> '{}'
), counted AS (
    SELECT *, count(*) OVER (
        PARTITION BY agency_id, days, name_key ORDER BY day
        RANGE BETWEEN make_interval(days => $1::integer + $2::integer) PRECEDING
              AND make_interval(days => $1::integer + $2::integer) FOLLOWING
    ) AS near
    FROM given
)
INSERT INTO match_name
SELECT DISTINCT entry_id, agency_id, day, number_key, name_key
FROM counted WHERE day <@ days AND near <= $3::integer
