SELECT s.status, s.at, s.received_at, s.organ_code, nullif(a.code, '') AS agency,
       nullif(a.name, '') AS name
FROM axis_status s JOIN agency a USING (agency_id)
WHERE s.axis_uid = $1
ORDER BY s.at, s.received_at, s.organ_code, s.status
LIMIT 1000
