SELECT m.message_uid AS uid, m.day, m.overall, m.cause, m.integrity, m.trust, m.binding,
       m.findings, m.provisional, m.evidence_id
FROM message_key k JOIN message m USING (message_uid, day)
WHERE k.message_uid = $1 AND m.evidence_id = $2
