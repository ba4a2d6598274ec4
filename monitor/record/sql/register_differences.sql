-- $1 how many. In the order of the list, then what is missing in it.
WITH shown AS (
    SELECT * FROM (
        SELECT n, entry_id, what, fields FROM plan WHERE what <> 'unchanged'
        UNION ALL
        SELECT NULL, entry_id, 'gone', '{}' FROM gone
    ) p ORDER BY n NULLS LAST, entry_id LIMIT $1
)
SELECT l.file, l.at_row, s.what, a.code AS agency, s.fields,
    coalesce(l.number_key, e.number_key) AS number_key, coalesce(l.day, e.day) AS day,
    coalesce(l.number, e.number) AS number, coalesce(l.notation, e.notation) AS notation,
    coalesce(l.arrival_number, e.arrival_number) AS arrival_number,
    jsonb_build_object(
        'day', e.day, 'number', concat_ws('/', e.number, e.notation), 'paper', e.paper,
        'status', e.status, 'document_type', e.document_type, 'role', e.role, 'secret', e.secret,
        'issued_on', e.issued_on, 'signed_at', e.signed_at, 'sent_at', e.sent_at,
        'recipients', e.recipients, 'external_id', e.external_id, 'series', e.series
    )::text AS before,
    jsonb_build_object(
        'day', l.day, 'number', concat_ws('/', l.number, l.notation), 'paper', l.paper,
        'status', l.status, 'document_type', l.document_type, 'role', l.role, 'secret', l.secret,
        'issued_on', l.issued_on, 'signed_at', l.signed_at, 'sent_at', l.sent_at,
        'recipients', l.recipients, 'external_id', l.external_id, 'series', l.series
    )::text AS after
FROM shown s
LEFT JOIN listed l USING (n)
LEFT JOIN register_entry e USING (entry_id)
JOIN agency a ON a.agency_id = coalesce(l.agency_id, e.agency_id)
ORDER BY s.n NULLS LAST, s.entry_id
