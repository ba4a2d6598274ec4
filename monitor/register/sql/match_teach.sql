-- In key order, as the recorder takes these locks.
WITH said AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS r (document_uid, role, role_by)
), locked AS (
    SELECT k.document_uid, k.day FROM document_key k
    WHERE k.document_uid = ANY ($1::uuid[]) ORDER BY k.document_uid FOR UPDATE
), taught AS (
    UPDATE document d SET role = s.role, role_by = s.role_by
    FROM locked l JOIN said s USING (document_uid)
    WHERE d.document_uid = l.document_uid AND d.day = l.day
    RETURNING d.document_uid, d.day
), days AS (
    -- An appendix does not prove of an entry that its document was sent.
    INSERT INTO changed_day
    SELECT day FROM taught UNION
    SELECT e.day FROM taught JOIN register_file USING (document_uid)
    JOIN register_entry e USING (entry_id)
)
SELECT count(*) FROM taught
