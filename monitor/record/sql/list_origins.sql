-- Messages from outside that claim an agency, the newest first.
SELECT m.message_uid, m.day, a.code AS agency, m.occurred_at, m.origin, m.origin_evidence, m.copies,
       EXISTS (SELECT FROM origin_due d WHERE d.message_uid = m.message_uid) AS asked_again,
       m.sealed_sender, m.sealed_subject
FROM message m
JOIN agency a ON a.agency_id = m.claimed_agency_id
WHERE m.claimed_agency_id <> 0 AND m.origin IS NOT NULL
  AND ($1::text IS NULL OR m.claimed_agency_id = (SELECT agency_id FROM agency WHERE code = $1))
  AND m.day >= coalesce($2::date, '-infinity') AND m.day <= coalesce($3::date, 'infinity')
  AND ($4::text IS NULL OR m.origin = $4)
ORDER BY m.occurred_at DESC, m.message_uid
LIMIT $5
