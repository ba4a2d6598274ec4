-- How checks stand: of one domain ($1), of one agency ($2), or of all where both are null.
SELECT domain, check_name, agencies, status, reason, facts, evidence, checked_at, decided,
    decided_since, decided_at, decided_before, decided_reason, decided_facts, decided_evidence,
    suspected_at
FROM posture_check
WHERE ($1::text IS NULL OR domain = $1) AND ($2::text IS NULL OR $2 = ANY (agencies))
ORDER BY domain, check_name
