-- The plan, done, by the run of `terms`.
CREATE TEMPORARY TABLE touched ON COMMIT DROP AS
SELECT e.agency_id, e.day FROM plan p JOIN register_entry e USING (entry_id)
WHERE p.what = 'changed'
UNION
SELECT k.agency_id, k.day FROM plan p JOIN kept k USING (n) WHERE p.what <> 'unchanged'
UNION
SELECT e.agency_id, e.day FROM gone JOIN register_entry e USING (entry_id);
INSERT INTO register_entry_past
SELECT e.*, (SELECT run_id FROM terms) FROM plan p JOIN register_entry e USING (entry_id) WHERE p.what = 'changed';
UPDATE register_entry e SET
    day = l.day, number = l.number, number_value = l.number_value, notation = l.notation,
    series = l.series, issued_on = l.issued_on, arrived_on = l.arrived_on,
    arrival_number = l.arrival_number, document_type = l.document_type, role = l.role,
    secret = l.secret, paper = l.paper, status = l.status, signed_at = l.signed_at,
    sent_at = l.sent_at, recipients = l.recipients, file_names = l.file_names,
    file_hashes = l.file_hashes, external_id = l.external_id,
    sealed_subject = l.sealed_subject, sealed_signer = l.sealed_signer,
    sealed_recipients = l.sealed_recipients, digest = l.digest, run_id = (SELECT run_id FROM terms), gone_run_id = NULL
FROM plan p JOIN listed l USING (n)
WHERE p.what = 'changed' AND e.entry_id = p.entry_id;
INSERT INTO register_entry (
    agency_id, direction, year, number_key, ordinal, day, number, number_value, notation, series,
    issued_on, arrived_on, arrival_number, document_type, role, secret, paper, status, signed_at,
    sent_at, recipients, file_names, file_hashes, external_id, sealed_subject, sealed_signer,
    sealed_recipients, digest, first_run_id, run_id
)
SELECT l.agency_id, t.direction, l.year, l.number_key, p.ordinal, l.day, l.number, l.number_value,
    l.notation, l.series, l.issued_on, l.arrived_on, l.arrival_number, l.document_type, l.role,
    l.secret, l.paper, l.status, l.signed_at, l.sent_at, l.recipients, l.file_names,
    l.file_hashes, l.external_id, l.sealed_subject, l.sealed_signer, l.sealed_recipients,
    l.digest, (SELECT run_id FROM terms), (SELECT run_id FROM terms)
FROM plan p JOIN listed l USING (n) CROSS JOIN terms t
WHERE p.what = 'added';
UPDATE register_entry e SET gone_run_id = (SELECT run_id FROM terms) FROM gone g WHERE e.entry_id = g.entry_id;
-- What is secret now is not kept from before either.
UPDATE register_entry_past o SET sealed_subject = NULL, sealed_signer = NULL,
    sealed_recipients = NULL, recipients = NULL, file_names = '{}', file_hashes = '{}'
FROM plan p JOIN listed l USING (n)
WHERE p.what = 'changed' AND l.secret AND o.entry_id = p.entry_id;
DELETE FROM register_span s USING terms t
WHERE s.direction = t.direction AND EXISTS (
    SELECT FROM span_change c
    WHERE c.agency_id = s.agency_id AND c.days && daterange(s.first_day, s.last_day, '[]')
);
INSERT INTO register_span (agency_id, direction, first_day, last_day, run_id)
SELECT c.agency_id, t.direction, lower(c.days), upper(c.days) - 1, (SELECT run_id FROM terms)
FROM span_change c CROSS JOIN terms t;
INSERT INTO changed_day
SELECT day FROM touched
UNION
SELECT generate_series(lower(fresh), upper(fresh) - 1, interval '1 day')::date
FROM span_change c, unnest(datemultirange(c.days) - c.before) AS fresh;
INSERT INTO register_match_due (agency_id, day) SELECT DISTINCT agency_id, day FROM touched;
ANALYZE register_entry;
