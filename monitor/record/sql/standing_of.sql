SELECT j.state, j.provisional, j.receipt_at, j.judged_at, j.due_at, j.epoch, t.since AS epoch_since,
       j.failures, j.failure,
       length(k.facts) + coalesce((SELECT sum(length(b.content)) FROM evidence_blob b
                                   WHERE b.sha256 = ANY (k.blobs)), 0) AS evidence_bytes
FROM judgement j JOIN kept_evidence k USING (evidence_id)
LEFT JOIN trust_epoch t ON t.epoch = j.epoch
WHERE j.evidence_id = $1
