SELECT k.message_uid AS uid, k.day, m.evidence_id, m.overall, m.cause, m.trust,
       m.overall = 'unreadable'
           AND m.findings && ARRAY['verifier_crashed', 'verifier_timeout', 'verifier_fault']
           AS unexamined,
       m.findings @> ARRAY['not_sampled'] AS undrawn
FROM message_key k JOIN message m USING (message_uid, day)
WHERE k.message_uid = ANY ($1::uuid[])
