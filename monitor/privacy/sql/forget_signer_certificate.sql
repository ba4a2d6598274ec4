-- Certificates whose latest signature is gone. Where others of theirs are kept, these are judged
-- again: the latest of them takes the place, so that a revocation still finds them.
WITH gone AS (
    DELETE FROM signer_certificate WHERE evidence_id IN (
        SELECT evidence_id FROM signer_certificate EXCEPT SELECT evidence_id FROM kept_evidence
    ) RETURNING certificate_sha256
), reopened AS (
    INSERT INTO reopened_certificate
    SELECT g.certificate_sha256 FROM gone g
    WHERE EXISTS (SELECT FROM signature s WHERE s.certificate_sha256 = g.certificate_sha256)
    RETURNING 1
)
SELECT count(*) FROM gone
