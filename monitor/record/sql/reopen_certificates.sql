-- Everything signed with these certificates is to be judged again.
WITH signed AS (
    SELECT d.evidence_id FROM signature s
    JOIN document d ON d.document_uid = s.owner_uid AND d.day = s.day
    WHERE s.owner = 'document' AND s.certificate_sha256 = ANY ($1::bytea[])
    UNION
    SELECT m.evidence_id FROM signature s
    JOIN message m ON m.message_uid = s.owner_uid AND m.day = s.day
    WHERE s.owner = 'message' AND s.certificate_sha256 = ANY ($1::bytea[])
), found AS (
    SELECT j.evidence_id FROM judgement j JOIN signed USING (evidence_id)
    WHERE j.state <> 'final'
    ORDER BY j.evidence_id
    FOR UPDATE OF j
)
UPDATE judgement j SET due_at = least(j.due_at, $2) FROM found
WHERE j.evidence_id = found.evidence_id
