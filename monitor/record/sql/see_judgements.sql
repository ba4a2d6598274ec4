-- How evidence stands after a sighting. A later one never takes a verdict away: where it says
-- something else, or came earlier than any before, the evidence is due to be judged again.
INSERT INTO judgement AS j (evidence_id, owner, content_hash, receipt_at, by_receipt, overall, cause,
                            trust, provisional, digest, state, epoch, judged_at, due_at)
SELECT r.evidence_id, r.owner, r.content_hash, r.receipt_at, r.by_receipt, r.overall, r.cause,
       r.trust, r.provisional, r.digest, r.state,
       coalesce((SELECT max(t.epoch) FROM trust_epoch t WHERE t.fingerprint = r.trust_material), 0),
       r.judged_at, r.due_at
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::timestamptz[], $5::boolean[], $6::text[],
            $7::text[], $8::text[], $9::boolean[], $10::bytea[], $11::text[], $12::text[],
            $13::timestamptz[], $14::timestamptz[])
    AS r (evidence_id, owner, content_hash, receipt_at, by_receipt, overall, cause, trust,
          provisional, digest, state, trust_material, judged_at, due_at)
ON CONFLICT (evidence_id) DO UPDATE SET
    receipt_at = least(j.receipt_at, excluded.receipt_at),
    due_at = CASE
        WHEN (j.overall, j.cause, j.trust, j.provisional) IS DISTINCT FROM
             (excluded.overall, excluded.cause, excluded.trust, excluded.provisional)
          OR (excluded.receipt_at < j.receipt_at AND (j.by_receipt OR excluded.by_receipt))
        THEN least(j.due_at, excluded.judged_at) ELSE j.due_at END,
    due_for = CASE
        WHEN excluded.receipt_at < j.receipt_at AND (j.by_receipt OR excluded.by_receipt)
        THEN 'earlier_receipt'
        WHEN (j.overall, j.cause, j.trust, j.provisional) IS DISTINCT FROM
             (excluded.overall, excluded.cause, excluded.trust, excluded.provisional)
        THEN CASE WHEN j.epoch = excluded.epoch THEN 'earlier_receipt' ELSE 'copy' END
        ELSE j.due_for END
WHERE excluded.receipt_at < j.receipt_at
   OR (j.overall, j.cause, j.trust, j.provisional) IS DISTINCT FROM
      (excluded.overall, excluded.cause, excluded.trust, excluded.provisional)
RETURNING j.evidence_id, xmax = 0 AS new
