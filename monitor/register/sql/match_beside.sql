-- Which documents lie beside which: at one entry, in one message, or under one number as their
-- source wrote it, within $1 days.
INSERT INTO match_beside
SELECT f.document_uid, o.document_uid
FROM match_role r JOIN register_file f USING (document_uid)
JOIN register_file o ON o.entry_id = f.entry_id AND o.document_uid <> f.document_uid
JOIN register_entry e ON e.entry_id = f.entry_id
WHERE r.asked AND f.how <> 'refused' AND o.how <> 'refused' AND e.direction = 'out'
UNION
SELECT s.document_uid, o.document_uid
FROM match_role r JOIN sending s ON s.document_uid = r.document_uid AND s.day = r.day
JOIN sending o ON o.dispatch = s.dispatch AND o.day = s.day AND o.document_uid <> s.document_uid
WHERE r.asked
UNION
SELECT d.document_uid, o.document_uid
FROM match_role r
JOIN document d ON d.document_uid = r.document_uid AND d.day = r.day
JOIN document o ON o.agency_id = r.agency_id
    AND o.day BETWEEN r.day - $1::integer AND r.day + $1::integer
    AND o.number = d.number AND o.notation IS NOT DISTINCT FROM d.notation
    AND o.issued_on IS NOT DISTINCT FROM d.issued_on AND o.document_uid <> d.document_uid
WHERE r.asked AND r.agency_id <> 0 AND d.number IS NOT NULL
