SELECT e.entry_id, a.code AS agency, e.direction, e.number, e.notation, e.day, e.paper,
       e.gone_run_id IS NOT NULL AS gone, f.how
FROM register_file f JOIN register_entry e USING (entry_id) JOIN agency a USING (agency_id)
WHERE f.document_uid = $1
ORDER BY f.how = 'refused', e.day, e.entry_id
