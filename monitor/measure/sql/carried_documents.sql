-- As carried_over: documents that were told to be put right.
INSERT INTO closed_document (closing_id, code, document_uid, channel, day, first_at, number, notation,
                             issued_on, file_name, content_hash, overall, cause, reasons)
SELECT $2, code, document_uid, channel, day, first_at, number, notation, issued_on, file_name,
    content_hash, overall, cause, reasons
FROM closed_document WHERE closing_id = $1 AND day < $3
ON CONFLICT DO NOTHING
