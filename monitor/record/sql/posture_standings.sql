-- $1 agency code, null for all   $2 domain, null for all
-- A domain that was not looked at yet has one row without a check.
SELECT d.domain, d.agencies, d.checked_at AS looked_at, d.next_at, c.check_name, c.status, c.reason,
       c.facts, c.evidence, c.checked_at, c.decided, c.decided_since, c.decided_at, c.decided_before,
       c.decided_reason, c.decided_facts, c.decided_evidence, c.suspected_at
FROM posture_domain d LEFT JOIN posture_check c USING (domain)
WHERE ($1::text IS NULL OR $1 = ANY (d.agencies)) AND ($2::text IS NULL OR d.domain = $2)
ORDER BY d.domain, c.check_name
