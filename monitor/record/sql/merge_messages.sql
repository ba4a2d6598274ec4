-- Further copies merge into the row. A copy that shows a verified sender of a known agency corrects
-- a row that had none: the first copy may have come from the recipient's side only. The first copy's
-- decision to verify stands; here, where the row is made of two, it is in the sample if both are: at
-- the lower of their rates, as one key is compared with both. Where it comes from is as the copy with
-- the best proof says: a forwarder breaks what another copy still bears, and who hands it in again does
-- not make it his (`proof`). It is automatic if every copy
-- is: a list or a mailbox that sent one on marks its own copy alone.
WITH copy AS (
    SELECT r.*, m.sender_agency_id = 0 AND r.sender_agency_id <> 0 AS better,
        proof(r.origin, r.sender_agency_id) > proof(m.origin, m.sender_agency_id) AS proven
    FROM unnest(
        $1::uuid[], $2::date[], $3::integer[], $4::text[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::integer[], $9::text[], $10::integer[], $11::integer[], $12::integer[],
        $13::bytea[], $14::integer[], $15::real[], $16::boolean[],
        $17::text[], $18::jsonb[], $19::integer[], $20::boolean[], $21::integer[])
        AS r (message_uid, day, copies, recipients, first_received_at, last_received_at, direction,
              sender_agency_id, findings, formal_documents, formal_valid, formal_ours,
              sealed_sender, sender_address_id, sampled_rate, sampled,
              origin, origin_evidence, claimed_agency_id, automatic, attached)
    JOIN message m ON m.message_uid = r.message_uid AND m.day = r.day
    WHERE m.day = ANY ($2::date[])
)
UPDATE message m SET
    copies = m.copies + r.copies,
    recipients = ARRAY(SELECT DISTINCT unnest(m.recipients || r.recipients::bigint[]) ORDER BY 1),
    first_received_at = least(m.first_received_at, r.first_received_at),
    last_received_at = greatest(m.last_received_at, r.last_received_at),
    direction        = CASE WHEN better THEN r.direction        ELSE m.direction END,
    sender_agency_id = CASE WHEN better THEN r.sender_agency_id ELSE m.sender_agency_id END,
    findings         = array_remove(array_remove(array_remove(
            CASE WHEN better THEN string_to_array(r.findings, ',') ELSE m.findings END,
            'sender_spoofed'), 'origin_unchecked'), 'forwarded_privately')
        || ARRAY(SELECT word FROM unnest(CASE WHEN proven THEN string_to_array(r.findings, ',')
                                              ELSE m.findings END) AS word
                 WHERE word IN ('sender_spoofed', 'origin_unchecked'))
        || CASE WHEN 'forwarded_privately' = ANY (m.findings || string_to_array(r.findings, ','))
                THEN ARRAY['forwarded_privately'] ELSE '{}' END,
    automatic        = m.automatic AND r.automatic,
    -- Null stays: what was recorded before it was counted is in no figure.
    attached         = CASE WHEN m.attached IS NOT NULL THEN greatest(m.attached, r.attached) END,
    origin           = CASE WHEN proven THEN r.origin           ELSE m.origin END,
    origin_evidence  = CASE WHEN proven THEN r.origin_evidence  ELSE m.origin_evidence END,
    claimed_agency_id = CASE WHEN proven THEN r.claimed_agency_id ELSE m.claimed_agency_id END,
    formal_documents = CASE WHEN better THEN r.formal_documents ELSE m.formal_documents END,
    formal_valid     = CASE WHEN better THEN r.formal_valid     ELSE m.formal_valid END,
    formal_ours      = CASE WHEN better THEN r.formal_ours      ELSE m.formal_ours END,
    sealed_sender    = CASE WHEN better THEN r.sealed_sender    ELSE m.sealed_sender END,
    sampled_rate     = CASE WHEN better THEN least(m.sampled_rate, r.sampled_rate)
                            ELSE m.sampled_rate END,
    sampled          = CASE WHEN better THEN m.sampled AND r.sampled ELSE m.sampled END,
    sender_address_id = coalesce(m.sender_address_id, r.sender_address_id)
FROM copy r
WHERE m.message_uid = r.message_uid AND m.day = r.day AND m.day = ANY ($2::date[])
