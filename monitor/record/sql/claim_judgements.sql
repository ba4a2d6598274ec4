-- Takes judgements that are to be made again, the oldest first; other daemons leave them alone until
-- the claim ends.
--
-- $1 epoch in force   $2 the epoch its basis came with   $3 now   $4 how many   $5 seconds
WITH wanted AS (
    (SELECT evidence_id, epoch, judged_at FROM judgement
     WHERE state = 'open' AND epoch < $1
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
     ORDER BY epoch, judged_at LIMIT $4)
    UNION ALL
    (SELECT evidence_id, epoch, judged_at FROM judgement
     WHERE state = 'settled' AND epoch < $2
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
     ORDER BY epoch, judged_at LIMIT $4)
    UNION ALL
    (SELECT evidence_id, epoch, judged_at FROM judgement
     WHERE state = 'stuck' AND epoch < $2
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
     ORDER BY epoch, judged_at LIMIT $4)
    UNION ALL
    (SELECT evidence_id, epoch, judged_at FROM judgement
     WHERE due_at <= $3 AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
     ORDER BY due_at LIMIT $4)
    UNION ALL
    (SELECT j.evidence_id, j.epoch, j.judged_at
     FROM signer_certificate c JOIN judgement j USING (evidence_id)
     WHERE c.epoch < $1 AND (j.claimed_until IS NULL OR j.claimed_until < clock_timestamp())
     ORDER BY c.epoch LIMIT $4)
), oldest AS (
    SELECT DISTINCT epoch, judged_at, evidence_id FROM wanted
    ORDER BY epoch, judged_at, evidence_id LIMIT $4
), free AS (
    SELECT j.evidence_id FROM judgement j JOIN oldest USING (evidence_id)
    WHERE j.claimed_until IS NULL OR j.claimed_until < clock_timestamp()
    ORDER BY j.evidence_id
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE judgement j SET claimed_until = clock_timestamp() + make_interval(secs => $5)
FROM free JOIN kept_evidence k USING (evidence_id)
WHERE j.evidence_id = free.evidence_id
RETURNING j.evidence_id, j.owner, j.content_hash, j.receipt_at, j.overall, j.digest, j.epoch,
          j.judged_at, j.due_at, j.due_for, j.failures, k.facts, k.blobs
