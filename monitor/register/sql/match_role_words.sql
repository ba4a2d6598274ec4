-- Of an entry that is a copy or an appendix itself, all files are; the type is that of the axis message.
SELECT r.document_uid, r.asked, d.file_name, d.number, d.notation, d.document_class, d.role,
       d.role_by, (
           SELECT min(e.role) FROM register_file f JOIN register_entry e USING (entry_id)
           WHERE f.document_uid = r.document_uid AND f.how <> 'refused' AND e.direction = 'out'
             AND e.gone_run_id IS NULL AND e.role <> 'main'
       ) AS entry_role, (
           SELECT min(x.document_type) FROM axis_document a JOIN axis_message x USING (axis_uid)
           WHERE a.document_uid = r.document_uid
       ) AS message_type
FROM match_role r JOIN document d ON d.document_uid = r.document_uid AND d.day = r.day
