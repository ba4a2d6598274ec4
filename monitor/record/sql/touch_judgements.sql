-- Judged again with the same result; whatever changed since the claim stays due.
WITH again AS (
    SELECT j.evidence_id, r.state, r.epoch, r.judged_at, r.due_at
    FROM judgement j
    JOIN unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::integer[], $5::timestamptz[],
                $6::timestamptz[])
        AS r (evidence_id, before, state, epoch, judged_at, due_at) USING (evidence_id)
    WHERE j.judged_at = r.before AND j.due_for IS NULL
    ORDER BY j.evidence_id
    FOR UPDATE OF j
)
UPDATE judgement j SET state = a.state, epoch = a.epoch, judged_at = a.judged_at,
    due_at = a.due_at, failures = 0, failure = NULL, claimed_until = NULL
FROM again a WHERE j.evidence_id = a.evidence_id
