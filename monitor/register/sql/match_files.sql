-- Files to decide anew: those of the days whose documents are due, those that the entries which are
-- due may meet ($1 days before to $2 after), and those that they have met.
WITH reach AS (
    SELECT agency_id, unnest(range_agg(
        CASE WHEN of_documents THEN daterange(day, day + 1)
             ELSE daterange(day - $1::integer, day + $2::integer + 1) END)) AS days
    FROM match_due WHERE agency_id <> 0 GROUP BY agency_id
)
INSERT INTO match_file
SELECT d.agency_id, d.content_hash
FROM reach r JOIN document d ON d.agency_id = r.agency_id
    AND d.day >= lower(r.days) AND d.day < upper(r.days)
UNION
SELECT d.agency_id, d.content_hash
FROM match_due u
JOIN register_entry e ON e.agency_id = u.agency_id AND e.day = u.day AND e.direction = 'out'
JOIN register_file f ON f.entry_id = e.entry_id
JOIN document_key k ON k.document_uid = f.document_uid
JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
WHERE NOT u.of_documents AND d.agency_id <> 0
