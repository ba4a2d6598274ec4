WITH gone AS (
    DELETE FROM evidence_blob WHERE sha256 IN (
        SELECT sha256 FROM evidence_blob EXCEPT SELECT unnest(blobs) FROM kept_evidence
    )
    RETURNING 1
)
SELECT count(*) FROM gone
