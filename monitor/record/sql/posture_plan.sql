-- When the domains of the looks are looked at next.
--
-- $1 seconds between two looks   $2 seconds until a fall is looked at again
-- $3 seconds after the first look that something was not answered in; twice as long after each more
-- $4 reasons of "unknown" that another look does not mend
WITH look AS (
    SELECT domain, bool_or(suspected_at IS NOT NULL) AS suspected,
        bool_or(status = 'unknown' AND reason <> ALL ($4::text[])) AS unanswered
    FROM posture_decision GROUP BY 1
)
UPDATE posture_domain d
SET checked_at = l.checked_at, questions = l.questions,
    tries = CASE WHEN k.unanswered THEN least(d.tries + 1, 100) ELSE 0 END,
    next_at = l.checked_at + make_interval(secs => l.jitter * least($1::float8, CASE
        WHEN k.suspected THEN $2::float8
        WHEN k.unanswered THEN $3::float8 * 2 ^ least(d.tries, 30) ELSE $1::float8 END))
FROM posture_look l JOIN look k USING (domain)
WHERE d.domain = l.domain
