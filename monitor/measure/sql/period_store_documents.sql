-- $1 closing   $2 to $3 days
INSERT INTO closed_document (closing_id, code, document_uid, channel, day, first_at, number, notation,
                             issued_on, file_name, content_hash, overall, cause, reasons)
SELECT $1, a.code, d.document_uid, d.channel, d.day, d.first_at, d.number, d.notation, d.issued_on,
       d.file_name, d.content_hash, d.overall, d.cause, r.reasons
FROM period_document p JOIN period_reason r USING (verdict)
JOIN document d USING (document_uid, day) JOIN agency a USING (agency_id)
WHERE d.day BETWEEN $2::date AND $3::date
ORDER BY a.code, d.day, d.first_at, d.document_uid
