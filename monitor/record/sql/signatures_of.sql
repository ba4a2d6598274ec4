SELECT s.*, nullif(a.code, '') AS signer_agency
FROM signature s
JOIN agency a ON a.agency_id = s.signer_agency_id
WHERE s.owner_uid = $1
ORDER BY s.ordinal
