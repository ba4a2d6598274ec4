-- What was found becomes links, what no longer holds goes. Which days' figures that moves, the
-- triggers of register_file note.
WITH link AS (
    SELECT s.entry_id, m.document_uid, CASE
        WHEN own.strength >= 4 OR own.strength IS NULL THEN 'hash'
        WHEN own.strength >= 2 THEN 'number' ELSE 'file_name' END AS how
    FROM match_scored s JOIN match_document m USING (agency_id, content_hash)
    LEFT JOIN (
        SELECT document_uid, entry_id, max(strength) AS strength FROM match_candidate GROUP BY 1, 2
    ) AS own ON own.document_uid = m.document_uid AND own.entry_id = s.entry_id
    WHERE s.found
), dropped AS (
    DELETE FROM register_file f USING match_document m, register_entry e
    WHERE f.document_uid = m.document_uid AND e.entry_id = f.entry_id AND e.direction = 'out'
      AND f.how NOT IN ('by_hand', 'refused')
      AND NOT EXISTS (SELECT FROM link l
                      WHERE l.entry_id = f.entry_id AND l.document_uid = f.document_uid)
    RETURNING f.entry_id
), added AS (
    INSERT INTO register_file (entry_id, document_uid, how)
    SELECT entry_id, document_uid, how FROM link ORDER BY entry_id, document_uid
    ON CONFLICT (entry_id, document_uid) DO UPDATE SET how = excluded.how, matched_at = now()
    WHERE register_file.how <> excluded.how AND register_file.how NOT IN ('by_hand', 'refused')
    RETURNING entry_id
), touched AS (
    INSERT INTO match_touched SELECT entry_id FROM dropped UNION SELECT entry_id FROM added
)
SELECT (SELECT count(*) FROM added) AS linked, (SELECT count(*) FROM dropped) AS dropped,
       (SELECT count(*) FROM (SELECT FROM match_scored GROUP BY agency_id, content_hash
                              HAVING NOT bool_or(found)) AS open) AS ambiguous
