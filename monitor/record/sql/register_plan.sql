-- Changes in fields, new entries, what is not there any more, and what contradicts a later list.
INSERT INTO conflict (kind, n, entry_id, day)
SELECT 'newer', p.n, p.entry_id, i.as_of
FROM plan p JOIN register_entry e USING (entry_id) JOIN import_run i USING (run_id)
WHERE p.what = 'changed' AND i.as_of > (SELECT as_of FROM terms);

DELETE FROM plan p USING conflict c WHERE c.n = p.n;

UPDATE plan p SET fields = array_remove(ARRAY[
    CASE WHEN e.gone_run_id IS NOT NULL THEN 'returned' END,
    CASE WHEN e.day <> l.day THEN 'day' END,
    CASE WHEN (e.number, e.notation, e.number_value) IS DISTINCT FROM
        (l.number, l.notation, l.number_value) THEN 'number' END,
    CASE WHEN e.series <> l.series THEN 'series' END,
    CASE WHEN e.issued_on IS DISTINCT FROM l.issued_on AND e.direction = 'in' THEN 'issued_on' END,
    CASE WHEN e.document_type IS DISTINCT FROM l.document_type THEN 'document_type' END,
    CASE WHEN e.role <> l.role THEN 'role' END,
    CASE WHEN e.secret <> l.secret THEN 'secret' END,
    CASE WHEN e.paper IS DISTINCT FROM l.paper THEN 'paper' END,
    CASE WHEN e.status IS DISTINCT FROM l.status THEN 'status' END,
    CASE WHEN e.signed_at IS DISTINCT FROM l.signed_at THEN 'signed_at' END,
    CASE WHEN e.sent_at IS DISTINCT FROM l.sent_at THEN 'sent_at' END,
    CASE WHEN e.file_names <> l.file_names THEN 'file_names' END,
    CASE WHEN e.file_hashes <> l.file_hashes THEN 'file_hashes' END,
    CASE WHEN e.external_id IS DISTINCT FROM l.external_id THEN 'external_id' END,
    CASE WHEN substr(e.digest, 1, 8) <> substr(l.digest, 1, 8) THEN 'subject' END,
    CASE WHEN substr(e.digest, 9, 8) <> substr(l.digest, 9, 8) THEN 'signer' END,
    CASE WHEN substr(e.digest, 17, 8) <> substr(l.digest, 17, 8)
        OR e.recipients IS DISTINCT FROM l.recipients THEN 'recipients' END
], NULL)
FROM listed l, register_entry e
WHERE p.what = 'changed' AND p.fields IS NULL AND l.n = p.n AND e.entry_id = p.entry_id;

INSERT INTO plan (n, what, fields, ordinal)
WITH number AS (
    SELECT agency_id, year, number_key, count(*) AS documents FROM open_row
    GROUP BY agency_id, year, number_key
), held AS (
    SELECT agency_id, year, number_key, max(e.ordinal) AS last
    FROM number JOIN register_entry e USING (agency_id, year, number_key)
    WHERE e.direction = (SELECT direction FROM terms)
    GROUP BY agency_id, year, number_key
), ranked AS (
    SELECT n, row_number() OVER (
        PARTITION BY agency_id, year, number_key ORDER BY r.day, r.digest
    ) AS place
    FROM number JOIN open_row r USING (agency_id, year, number_key) WHERE documents > 1
)
SELECT n, 'added', '{}', coalesce(h.last, 0) + coalesce(k.place, 1)
FROM open_row
LEFT JOIN held h USING (agency_id, year, number_key)
LEFT JOIN ranked k USING (n);

ANALYZE plan;
