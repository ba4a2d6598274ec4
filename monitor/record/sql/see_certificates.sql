-- The latest passed signature of each certificate.
INSERT INTO signer_certificate AS c (certificate_sha256, evidence_id, proof_at, epoch)
SELECT r.certificate_sha256, r.evidence_id, r.proof_at,
       coalesce((SELECT max(t.epoch) FROM trust_epoch t WHERE t.fingerprint = r.trust_material), 0)
FROM unnest($1::bytea[], $2::uuid[], $3::timestamptz[], $4::text[])
    AS r (certificate_sha256, evidence_id, proof_at, trust_material)
ON CONFLICT (certificate_sha256) DO UPDATE
    SET evidence_id = excluded.evidence_id, proof_at = excluded.proof_at, epoch = excluded.epoch
    WHERE excluded.proof_at > c.proof_at
