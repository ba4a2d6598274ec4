-- $1 closing
INSERT INTO closed_document (closing_id, code, document_uid, channel, day, first_at, number, notation,
                             issued_on, file_name, content_hash, overall, cause, reasons)
SELECT $1, code, document_uid, channel, day, first_at, number, notation, issued_on, file_name,
       content_hash, overall, cause,
       CASE WHEN lacking IS NULL THEN reasons ELSE lacking || reasons[2:] END
FROM period_document JOIN period_reason USING (verdict)
ORDER BY code, document_uid
