-- Evidence that no document and no message refers to.
WITH gone AS (
    DELETE FROM kept_evidence WHERE evidence_id IN (
        SELECT evidence_id FROM kept_evidence
        EXCEPT SELECT evidence_id FROM document WHERE evidence_id IS NOT NULL
        EXCEPT SELECT evidence_id FROM message WHERE evidence_id IS NOT NULL
    )
    RETURNING 1
)
SELECT count(*) FROM gone
