UPDATE message SET overall = $3, cause = $4, integrity = $5, trust = $6, binding = $7,
    findings = $8, provisional = $9, evidence_id = $10
WHERE message_uid = $1 AND day = $2
