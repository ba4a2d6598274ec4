INSERT INTO match_role
SELECT d.document_uid, d.day, d.agency_id, false
FROM (SELECT DISTINCT document_uid FROM match_beside) AS b
JOIN document_key k USING (document_uid)
JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
ON CONFLICT DO NOTHING
