-- What is known of each row of the link: days of human activity since $origin (bit 0), the last day
-- of any, the last sign of use of any sort, and in `long_signs` bit n where a window n that began
-- before $origin saw activity.
SELECT d.*, $long_signs AS long_signs
FROM (
    SELECT l.*, ($days) & CASE
            WHEN l.address_first <= $origin AND l.address_last >= $today THEN $all_days
            ELSE (-1::bigint << greatest(l.address_first, $origin) - $origin)
                & ~(-1::bigint << least(l.address_last, $today) - $origin + 1) & $all_days END AS days,
        CASE WHEN $last_human BETWEEN l.address_first AND l.address_last THEN $last_human END
            AS last_human,
        greatest($last_seen, l.reported_login) AS last_seen
    FROM $link l LEFT JOIN address_activity u USING (address_id)
    $months
    WHERE $which
    OFFSET 0  -- else PostgreSQL writes, and computes, the expressions again wherever they are used
) AS d
OFFSET 0
