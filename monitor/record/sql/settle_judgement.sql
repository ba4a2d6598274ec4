UPDATE judgement SET by_receipt = $2, overall = $3, cause = $4, trust = $5, provisional = $6,
    digest = $7, state = $8, epoch = $9, judged_at = $10, due_at = $11, due_for = NULL,
    failures = 0, failure = NULL, claimed_until = NULL
WHERE evidence_id = $1
