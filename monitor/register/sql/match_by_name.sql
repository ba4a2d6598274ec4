-- A name contradicts neither the number nor the day of issue that the document says.
INSERT INTO match_candidate
SELECT m.agency_id, m.content_hash, m.document_uid, n.entry_id, 1, s.contents = 1
FROM match_name n
JOIN match_document m ON m.agency_id = n.agency_id AND m.name_key = n.name_key
    AND m.day BETWEEN n.day - $1::integer AND n.day + $2::integer
JOIN (
    SELECT entry_id, name_key, count(*) AS contents FROM match_namesake GROUP BY 1, 2
) AS s ON s.entry_id = n.entry_id AND s.name_key = n.name_key
LEFT JOIN match_number w ON w.document_uid = m.document_uid AND w.whole
WHERE NOT m.relayed AND coalesce(w.number_key = n.number_key, true)
  AND coalesce(m.issued_on = n.day, true)
