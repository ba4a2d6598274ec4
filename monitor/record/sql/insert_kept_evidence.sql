-- The blobs of one evidence come as text "{\\x…,\\x…}": arrays of arrays cannot differ in length.
INSERT INTO kept_evidence (evidence_id, facts, blobs)
SELECT evidence_id, facts, blobs::bytea[]
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS r (evidence_id, facts, blobs)
ON CONFLICT DO NOTHING
