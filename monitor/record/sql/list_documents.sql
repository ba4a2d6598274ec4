SELECT d.document_uid, d.day, a.code AS agency, d.channel, d.content_hash, d.first_at,
       d.document_class, d.kind, d.size, d.file_name, d.number, d.notation, d.issued_on, d.paper,
       d.counted, d.relayed, d.signed_by_issuer, d.paired,
       d.organisation_signed, d.role, d.role_by, d.dispatch_known, d.origin, d.overall, d.cause, d.integrity,
       d.trust, d.provisional, d.findings, d.decided_at, d.evidence_id,
       d.sampled, d.sampled_rate
FROM document d JOIN agency a USING (agency_id)
WHERE ($1::text IS NULL OR a.code = $1)
  AND d.day >= coalesce($2::date, '-infinity') AND d.day <= coalesce($3::date, 'infinity')
  AND ($4::text IS NULL OR d.overall = $4 AND NOT d.findings @> ARRAY['not_sampled'])
  AND ($5::text IS NULL OR d.channel = $5)
ORDER BY d.day DESC, d.first_at DESC, d.document_uid
LIMIT $6
