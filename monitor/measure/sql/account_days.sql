-- What is known of each row of the link: days of human activity since $origin (bit 0), the last day
-- of it and of any sign of use, and where the long windows need it (`before`) the last day of it
-- until $long_last; `asked`: the address, where only the months before $origin tell that.
--
-- OFFSET keeps PostgreSQL from writing, and computing, the expressions again wherever they are
-- used; and '0', a constant without a cast, from doing all beyond it in one process.
SELECT d.*,
    CASE WHEN human >= coalesce(address_first, '-infinity') THEN human END AS last_human,
    greatest(CASE WHEN used >= coalesce(address_first, '-infinity') THEN used END, reported_login)
        AS last_seen,
    CASE WHEN $long_undecided AND human <= least($long_last, address_last)
          AND human >= greatest($long_first, address_first)
        THEN human END AS before,
    CASE WHEN $long_undecided AND human >= greatest($long_first, address_first)
          AND human > least($long_last, address_last)
        THEN address_id END AS asked
FROM (
    SELECT l.*, ($days) & CASE WHEN l.address_first IS NULL AND l.address_last IS NULL THEN -1::bigint
            ELSE (-1::bigint << greatest(l.address_first, $origin) - $origin)
                & ~(-1::bigint << greatest(least(l.address_last, $today), $origin - 1) - $origin + 1)
        END AS days,
        $last_human AS human, $last_used AS used
    FROM $link l LEFT JOIN address_activity u USING (address_id)
    $months
    WHERE $which
    OFFSET '0'
) AS d
OFFSET '0'
