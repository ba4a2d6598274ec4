-- What was found later of messages that were recorded as unknown. Their keys are locked; counts of their
-- days are made anew.
WITH found AS (
    SELECT r.*, k.day
    FROM unnest($1::uuid[], $2::text[], $3::jsonb[]) AS r (message_uid, origin, evidence)
    JOIN message_key k USING (message_uid)
), settled AS (
UPDATE message m SET
    origin = r.origin,
    origin_evidence = r.evidence,
    findings = array_remove(array_remove(m.findings, 'origin_unchecked'), 'sender_spoofed')
        || CASE WHEN r.origin = 'unaligned' AND m.claimed_agency_id <> 0
                THEN ARRAY['sender_spoofed'] ELSE '{}' END
FROM found r
WHERE m.message_uid = r.message_uid AND m.day = r.day AND m.origin = 'unknown'
RETURNING m.day, m.origin, (SELECT code FROM agency a WHERE a.agency_id = m.claimed_agency_id
                     AND m.claimed_agency_id <> 0) AS agency
), noted AS (
    INSERT INTO changed_day SELECT DISTINCT day FROM settled
)
SELECT origin, agency FROM settled
