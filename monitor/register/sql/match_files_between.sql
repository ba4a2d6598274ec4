-- Files that entries of an agency (or of all) and of these days may meet.
INSERT INTO match_file
SELECT DISTINCT d.agency_id, d.content_hash
FROM document d JOIN agency a USING (agency_id)
WHERE ($1::text IS NULL OR a.code = $1) AND d.agency_id <> 0
  AND d.day BETWEEN $2::date - $4::integer AND $3::date + $5::integer
