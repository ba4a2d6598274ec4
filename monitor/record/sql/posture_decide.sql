-- What each result of posture_result changes of how its check stands.
--
-- $1 time after which a second look may confirm a fall
--
-- `decided` is what this look decides: nothing where something was not answered, and where it says
-- "fail", or that the domain is not there, of what is decided otherwise and no look before it did. A
-- look that was stored, or that is older than what is, changes nothing.
CREATE TEMP TABLE posture_decision ON COMMIT DROP AS
SELECT l.domain, d.agencies, l.checked_at, r.check_name, r.status, r.reason, r.facts, r.evidence,
    c.decided AS before, so.suspected,
    CASE WHEN r.status <> 'unknown' AND NOT so.suspected THEN r.status END AS decided,
    CASE WHEN r.status = 'unknown' THEN c.suspected_at
         WHEN so.suspected THEN coalesce(c.suspected_at, l.checked_at) END AS suspected_at
FROM posture_look l
JOIN posture_domain d USING (domain)
JOIN posture_result r USING (domain)
LEFT JOIN posture_check c USING (domain, check_name),
LATERAL (SELECT
    (r.status = 'fail' OR (r.status = 'not_applicable' AND r.reason = 'no_domain'))
        AND c.decided IS NOT NULL AND c.decided <> r.status
        AND (c.suspected_at IS NULL OR l.checked_at < c.suspected_at + $1::interval)
) AS so (suspected)
WHERE c.checked_at IS NULL OR c.checked_at < l.checked_at
