-- All rows of the files, in whatever channel and on whatever day.
INSERT INTO match_document
SELECT d.document_uid, d.day, d.agency_id, d.content_hash, d.issued_on, d.number, d.notation,
       d.file_name, file_name_key(d.file_name), d.relayed
FROM match_file f JOIN document d
    ON d.content_hash = f.content_hash AND d.agency_id = f.agency_id
ON CONFLICT DO NOTHING
