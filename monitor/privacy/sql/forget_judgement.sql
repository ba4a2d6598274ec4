WITH gone AS (
    DELETE FROM judgement WHERE evidence_id IN (
        SELECT evidence_id FROM judgement EXCEPT SELECT evidence_id FROM kept_evidence
    )
    RETURNING 1
)
SELECT count(*) FROM gone
