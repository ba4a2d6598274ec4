-- Files to decide anew: those of the days whose documents are due; those that the entries which are
-- due, or were before they were corrected, may meet ($1 days before to $2 after); and those that
-- they have met. A number is compared by its first digits here, exactly later.
WITH entry AS (
    SELECT e.entry_id, e.agency_id, e.day, e.number_key, e.file_names, e.file_hashes
    FROM match_due u JOIN register_entry e
        ON e.agency_id = u.agency_id AND e.day = u.day AND e.direction = 'out'
    WHERE NOT u.of_documents
), said AS (
    SELECT agency_id, day, number_key, file_names, file_hashes FROM entry
    UNION ALL
    SELECT p.agency_id, p.day, p.number_key, p.file_names, p.file_hashes
    FROM entry e JOIN register_entry_past p USING (entry_id)
), reach AS (
    SELECT agency_id,
           unnest(range_agg(daterange(day - $1::integer, day + $2::integer + 1))) AS days
    FROM said GROUP BY agency_id
), near AS (
    SELECT d.agency_id, d.content_hash, file_name_key(d.file_name) AS name_key,
           ltrim(substring(concat_ws(' ', d.number, d.notation) FROM '[0-9]+'), '0') AS digits
    FROM reach r JOIN document d ON d.agency_id = r.agency_id
        AND d.day >= lower(r.days) AND d.day < upper(r.days)
)
INSERT INTO match_file
SELECT d.agency_id, d.content_hash
FROM match_due u JOIN document d USING (agency_id, day)
WHERE u.of_documents AND u.agency_id <> 0
UNION
SELECT n.agency_id, n.content_hash
FROM near n JOIN (
    SELECT DISTINCT agency_id, ltrim(substring(number_key FROM '[0-9]+'), '0') AS digits FROM said
) AS numbers USING (agency_id, digits)
UNION
SELECT n.agency_id, n.content_hash
FROM near n JOIN (
    SELECT DISTINCT agency_id, file_name_key(name) AS name_key
    FROM said CROSS JOIN unnest(file_names) AS name
) AS names USING (agency_id, name_key)
UNION
SELECT n.agency_id, n.content_hash
FROM near n JOIN (
    SELECT DISTINCT agency_id, content_hash FROM said CROSS JOIN unnest(file_hashes) AS content_hash
) AS hashes USING (agency_id, content_hash)
UNION
SELECT d.agency_id, d.content_hash
FROM entry e JOIN register_file f USING (entry_id)
JOIN document_key k ON k.document_uid = f.document_uid
JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
WHERE d.agency_id <> 0
