-- Copies of one message merge, in whatever order they come: earliest times, all findings, and what
-- the version says that was received first. $1 to $21 are the columns of AxisMessageRow, each
-- message once.
INSERT INTO axis_message AS m (
    axis_uid, sender_code, sender_name, sender_agency_id, document_ref, number, notation, issued_on,
    document_type, business, paper, due_on, sent_at, first_received_at, documents, container,
    findings, sealed_subject, sealed_signer, base_uid, version, day, copies)
SELECT axis_uid, sender_code, sender_name, sender_agency_id, document_ref, number, notation,
       issued_on, document_type, business, paper, due_on, sent_at, first_received_at, documents,
       container, string_to_array(findings, ','), sealed_subject, sealed_signer, base_uid, version,
       vietnam_day(coalesce(sent_at, first_received_at)), 1
FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[],
    $8::date[], $9::text[], $10::text[], $11::boolean[], $12::date[], $13::timestamptz[],
    $14::timestamptz[], $15::integer[], $16::text[], $17::text[], $18::bytea[], $19::bytea[],
    $20::uuid[], $21::bytea[])
    AS r (axis_uid, sender_code, sender_name, sender_agency_id, document_ref, number, notation,
          issued_on, document_type, business, paper, due_on, sent_at, first_received_at, documents,
          container, findings, sealed_subject, sealed_signer, base_uid, version)
ON CONFLICT (axis_uid) DO UPDATE SET
    (sender_name, sender_agency_id, number, notation, issued_on, document_type, business, paper,
     due_on, documents, container, sealed_subject, sealed_signer, version)
    = (SELECT v.sender_name, v.sender_agency_id, v.number, v.notation, v.issued_on,
              v.document_type, v.business, v.paper, v.due_on, v.documents, v.container,
              v.sealed_subject, v.sealed_signer, v.version
       FROM (VALUES
           (m.first_received_at, m.sender_name, m.sender_agency_id, m.number, m.notation,
            m.issued_on, m.document_type, m.business, m.paper, m.due_on, m.documents, m.container,
            m.sealed_subject, m.sealed_signer, m.version),
           (excluded.first_received_at, excluded.sender_name, excluded.sender_agency_id,
            excluded.number, excluded.notation, excluded.issued_on, excluded.document_type,
            excluded.business, excluded.paper, excluded.due_on, excluded.documents,
            excluded.container, excluded.sealed_subject, excluded.sealed_signer, excluded.version)
       ) AS v (first_received_at, sender_name, sender_agency_id, number, notation, issued_on,
               document_type, business, paper, due_on, documents, container, sealed_subject,
               sealed_signer, version)
       ORDER BY v.first_received_at, v.version LIMIT 1),
    copies = m.copies + 1,
    sent_at = least(m.sent_at, excluded.sent_at),
    first_received_at = least(m.first_received_at, excluded.first_received_at),
    day = vietnam_day(coalesce(least(m.sent_at, excluded.sent_at),
                               least(m.first_received_at, excluded.first_received_at))),
    findings = ARRAY(
        SELECT DISTINCT each FROM unnest(
            m.findings || excluded.findings
            || CASE WHEN m.version <> excluded.version THEN ARRAY['axis_versions_differ'] END
        ) AS each ORDER BY each)
