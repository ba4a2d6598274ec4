-- What an operator said of any row of a file goes for the file.
WITH said AS (
    SELECT f.entry_id, f.how, m.agency_id, m.content_hash, m.document_uid
    FROM match_document m JOIN register_file f USING (document_uid)
    JOIN register_entry e USING (entry_id)
    WHERE f.how IN ('by_hand', 'refused') AND e.direction = 'out'
), refused AS (
    DELETE FROM match_candidate c USING said s
    WHERE s.how = 'refused' AND s.entry_id = c.entry_id AND s.agency_id = c.agency_id
      AND s.content_hash = c.content_hash
)
INSERT INTO match_candidate
SELECT agency_id, content_hash, document_uid, entry_id, 8, true FROM said WHERE how = 'by_hand'
