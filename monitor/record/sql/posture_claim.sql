-- Takes domains that are due, the longest due first, and puts them off until they are looked at.
--
-- $1 due by then   $2 until when they are put off   $3 at most so many   $4 selectors seen since that day
-- $5 of a domain at most so many selectors
WITH due AS (
    SELECT domain FROM posture_domain WHERE next_at <= $1
    ORDER BY next_at, domain LIMIT $3 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE posture_domain d SET next_at = $2 FROM due WHERE due.domain = d.domain
    RETURNING d.domain
)
SELECT domain, ARRAY(
    SELECT s.selector FROM posture_selector s
    WHERE s.domain = taken.domain AND s.last_seen >= $4
    ORDER BY s.last_seen DESC, s.selector LIMIT $5
) AS selectors
FROM taken ORDER BY domain
