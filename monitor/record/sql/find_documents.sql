SELECT d.document_uid, d.day, a.code AS agency, d.channel, d.content_hash, d.first_at,
       d.document_class, d.kind, d.size, d.file_name, d.number, d.notation, d.issued_on, d.paper,
       d.counted, d.relayed, d.signed_by_issuer, d.paired,
       d.organisation_signed, d.role, d.role_by, d.dispatch_known, d.origin, d.overall, d.cause, d.integrity,
       d.trust, d.provisional, d.findings, d.decided_at, d.evidence_id,
       d.sampled, d.sampled_rate
FROM document d JOIN agency a USING (agency_id)
WHERE ($1::bytea IS NOT NULL AND d.content_hash BETWEEN $1 AND $2)
   OR d.document_uid = $3
   OR d.number = $4
   OR d.number || '/' || d.notation = $4
ORDER BY d.day DESC, d.first_at DESC, d.document_uid
LIMIT $5
