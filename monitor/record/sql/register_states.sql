-- $1 agency's code   $2 direction   $3 number key   $4 year or NULL. What the entries of a number have
-- said, the oldest first. `gone_at`: an import did not have it any more.
WITH state AS (
    SELECT o.*, false AS now FROM register_entry_past o
    UNION ALL
    SELECT e.*, NULL, true FROM register_entry e
)
SELECT s.year, s.ordinal, s.now, r.at, r.source, r.as_of, g.at AS gone_at,
    s.day, s.number, s.notation, s.arrival_number, s.document_type, s.role, s.secret, s.paper,
    s.status, s.signed_at, s.sent_at, s.recipients, s.file_names, s.external_id
FROM state s
JOIN agency a USING (agency_id)
JOIN import_run r ON r.run_id = s.run_id
LEFT JOIN import_run g ON g.run_id = s.gone_run_id
WHERE a.code = $1 AND s.direction = $2 AND s.number_key = $3 AND ($4::integer IS NULL OR s.year = $4)
ORDER BY s.year, s.ordinal, s.now, s.run_id
