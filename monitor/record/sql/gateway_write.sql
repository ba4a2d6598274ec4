INSERT INTO gateway_check AS g
    (gateway, checked_at, status, reason, facts, certificate_not_after, since)
VALUES ($1, $2, $3, $4, $5, $6, $2)
ON CONFLICT (gateway) DO UPDATE
    SET checked_at = excluded.checked_at, status = excluded.status, reason = excluded.reason,
        facts = excluded.facts, certificate_not_after = excluded.certificate_not_after,
        since = CASE WHEN g.status = excluded.status THEN g.since ELSE excluded.since END
    WHERE g.checked_at < excluded.checked_at
