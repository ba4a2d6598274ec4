SELECT s.*, nullif(a.code, '') AS signer_agency, e.digest_algorithm, e.content_digest,
       length(e.cms) AS cms_bytes
FROM signature s
JOIN agency a ON a.agency_id = s.signer_agency_id
LEFT JOIN signature_evidence e ON e.content_hash = $2 AND e.ordinal = s.ordinal
WHERE s.owner_uid = $1
ORDER BY s.ordinal
