-- Why checks were unknown in their last look, the most frequent reason first.
SELECT reason, coalesce(facts ->> 'why', '') AS why, count(*) AS checks,
    count(DISTINCT domain) AS domains
FROM posture_check WHERE status = 'unknown' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
