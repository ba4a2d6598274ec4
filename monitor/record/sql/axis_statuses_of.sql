SELECT s.status, s.at, s.received_at, s.organ_code, nullif(a.code, '') AS agency,
       nullif(a.name, '') AS name
FROM axis_message m
JOIN axis_status s ON s.axis_uid = CASE
    WHEN EXISTS (SELECT FROM axis_message base WHERE base.axis_uid = m.base_uid) THEN m.axis_uid
    ELSE coalesce(m.base_uid, m.axis_uid) END
JOIN agency a USING (agency_id)
WHERE m.axis_uid = $1
ORDER BY s.at, s.received_at, s.organ_code, s.status
LIMIT 1000
