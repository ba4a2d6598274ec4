UPDATE document SET kind = $3, overall = $4, cause = $5, integrity = $6, trust = $7, findings = $8,
    relayed = $9, signed_by_issuer = $10, paired = $11, provisional = $12, evidence_id = $13
WHERE document_uid = $1 AND day = $2
