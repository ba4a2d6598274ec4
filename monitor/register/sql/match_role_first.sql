-- What was matched, and what else is at the entries that won or lost a file.
INSERT INTO match_role
SELECT document_uid, day, agency_id, true FROM match_document
UNION
SELECT d.document_uid, d.day, d.agency_id, true
FROM match_touched t JOIN register_file f USING (entry_id)
JOIN document_key k ON k.document_uid = f.document_uid
JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
WHERE f.how <> 'refused'
