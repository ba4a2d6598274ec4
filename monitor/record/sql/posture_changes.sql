-- Changes of decided results since $1, of one domain ($2) or all, the newest first, at most $3.
SELECT domain, check_name, at, agencies, before, after, reason, facts, evidence
FROM posture_change WHERE at >= $1 AND ($2::text IS NULL OR domain = $2)
ORDER BY at DESC, domain, check_name LIMIT $3
