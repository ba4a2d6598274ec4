UPDATE document SET kind = $3, overall = $4, cause = $5, integrity = $6, trust = $7, findings = $8,
    relayed = $9, signed_by_issuer = $10, paired = $11,
    organisation_signed = $12, provisional = $13, evidence_id = $14
WHERE document_uid = $1 AND day = $2
