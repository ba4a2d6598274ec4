-- How the looks themselves stand.
--
-- $1 domains that nothing was decided of since then are late, those that came in later left out
SELECT (SELECT count(*) FROM posture_domain) AS domains,
    (SELECT count(*) FROM posture_check WHERE status = 'unknown') AS undecided,
    (SELECT max(decided_at) FROM posture_check) AS last_decided,
    (SELECT count(*) FROM posture_check WHERE suspected_at IS NOT NULL) AS suspected,
    ARRAY(
        SELECT d.domain FROM posture_domain d LEFT JOIN posture_check c USING (domain)
        GROUP BY 1 HAVING coalesce(max(c.decided_at), d.since) < $1 ORDER BY 1 LIMIT 100
    ) AS late
