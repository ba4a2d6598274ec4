SELECT d.document_uid AS uid, d.day, nullif(a.code, '') AS agency, d.channel, d.kind, d.overall,
       d.cause, d.integrity, d.trust, d.findings, d.relayed, d.signed_by_issuer, d.paired,
       d.organisation_signed, d.provisional, d.evidence_id
FROM document d JOIN agency a USING (agency_id)
WHERE d.content_hash = $1 AND d.evidence_id = $2
ORDER BY d.document_uid
