-- Which documents lie together: at one entry, in one message, or under one number as their source
-- wrote it, within $1 days. In groups, so that a thousand files of one entry are no million pairs.
INSERT INTO match_beside
SELECT 'e' || o.entry_id, o.document_uid
FROM (
    SELECT DISTINCT f.entry_id FROM match_role r JOIN register_file f USING (document_uid)
    JOIN register_entry e USING (entry_id)
    WHERE r.asked AND f.how <> 'refused' AND e.direction = 'out'
) AS entry JOIN register_file o USING (entry_id)
WHERE o.how <> 'refused'
UNION
SELECT 'm' || o.dispatch, o.document_uid
FROM (
    SELECT DISTINCT s.dispatch, s.day
    FROM match_role r JOIN sending s ON s.document_uid = r.document_uid AND s.day = r.day
    WHERE r.asked
) AS message JOIN sending o USING (dispatch, day)
UNION
SELECT concat_ws(' ', 'n', n.agency_id, n.day, n.issued_on, n.number, n.notation), o.document_uid
FROM (
    SELECT DISTINCT d.agency_id, d.day, d.issued_on, d.number, d.notation
    FROM match_role r JOIN document d ON d.document_uid = r.document_uid AND d.day = r.day
    WHERE r.asked AND d.agency_id <> 0 AND d.number IS NOT NULL
) AS n JOIN document o ON o.agency_id = n.agency_id
    AND o.day BETWEEN n.day - $1::integer AND n.day + $1::integer
    AND o.number = n.number AND o.notation IS NOT DISTINCT FROM n.notation
    AND o.issued_on IS NOT DISTINCT FROM n.issued_on
