SELECT k.document_uid AS uid, k.day, d.evidence_id, d.overall, d.cause, d.trust,
       d.overall = 'unreadable'
           AND d.findings && ARRAY['verifier_crashed', 'verifier_timeout', 'verifier_fault']
           AS unexamined,
       d.findings @> ARRAY['not_sampled'] AS undrawn
FROM document_key k JOIN document d USING (document_uid, day)
WHERE k.document_uid = ANY ($1::uuid[])
