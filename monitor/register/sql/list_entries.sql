SELECT e.entry_id, a.code AS agency, e.direction, e.number, e.notation, e.arrival_number, e.day,
       e.issued_on, e.document_type, e.role, e.secret, e.paper, e.status, e.sent_at, e.signed_at,
       e.recipients, e.file_names, e.gone_run_id IS NOT NULL AS gone,
       (SELECT count(DISTINCT d.content_hash) FROM register_file f
        JOIN document_key k ON k.document_uid = f.document_uid
        JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
        WHERE f.entry_id = e.entry_id AND f.how <> 'refused') AS files
FROM register_entry e JOIN agency a USING (agency_id)
WHERE ($1::text IS NULL OR a.code = $1)
  AND e.day >= coalesce($2::date, '-infinity') AND e.day <= coalesce($3::date, 'infinity')
  AND ($4::text IS NULL OR e.direction = $4)
  AND ($5::bigint IS NULL AND $6::text IS NULL OR e.entry_id = $5 OR e.number_key = $6
       OR e.direction = 'in' AND e.number IS NOT NULL AND e.number = $7::text
          AND e.notation IS NOT DISTINCT FROM $8::text)
ORDER BY e.day DESC, e.number_value DESC NULLS LAST, e.entry_id DESC
LIMIT $9
