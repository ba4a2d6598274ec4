-- For every agency and role, how many distinct officials of $2 (a Vietnam day) sent verified mail from
-- $1 to $2 with formal documents, with any that is signed, with all of them validly signed:
-- funnel_documents.sql for all agencies at once. What is done with `counted` follows in another file.
WITH official AS (
    SELECT e.person_id, e.role, h.holder_id AS agency_id
    FROM employment e JOIN agency_holder($2::date) h USING (agency_id)
    WHERE $2::date BETWEEN e.first_day AND e.last_day AND h.holder_id <> 0
), own AS (
    SELECT o.person_id, a.address_id
    FROM official o JOIN person_address a USING (person_id)
    WHERE $2::date BETWEEN a.first_day AND a.last_day
), reached AS (
    SELECT person_id, address_id FROM own
    UNION
    SELECT o.person_id, other.address_id
    FROM own o JOIN account_address one USING (address_id)
    JOIN account_address other USING (account_id)
    WHERE $2::date BETWEEN one.first_day AND one.last_day
      AND $2::date BETWEEN other.first_day AND other.last_day
), letter AS MATERIALIZED (
    SELECT m.message_uid, m.sender_address_id AS address_id,
        m.overall = 'valid' OR m.formal_valid = m.formal_documents AS valid,
        m.sampled AND m.overall IN ('valid', 'invalid', 'indeterminate')
            OR m.formal_valid > 0 AS signed
    FROM message m
    WHERE m.day BETWEEN $1::date AND $2::date AND m.sender_address_id IS NOT NULL
      AND m.direction = 'out' AND NOT m.automatic AND m.formal_documents > 0
), attached AS (
    SELECT DISTINCT s.dispatch AS message_uid
    FROM sending s JOIN document d USING (document_uid)
    WHERE s.dispatch IN (SELECT message_uid FROM letter WHERE NOT signed)
      AND d.document_class = 'formal' AND NOT d.relayed
      AND d.overall IN ('valid', 'invalid', 'indeterminate')
      AND NOT d.findings @> ARRAY['not_sampled']
), sent AS (
    SELECT r.person_id, bool_or(l.signed OR a.message_uid IS NOT NULL) AS signs,
           bool_or(l.valid) AS validates
    FROM letter l JOIN reached r USING (address_id) LEFT JOIN attached a USING (message_uid)
    GROUP BY 1
), counted AS (
    SELECT o.agency_id, o.role, count(s.person_id) AS sends,
           count(*) FILTER (WHERE s.signs) AS signs, count(*) FILTER (WHERE s.validates) AS validates
    FROM official o LEFT JOIN sent s USING (person_id)
    -- While no mail of any known sender was captured, nothing is known of the steps.
    WHERE EXISTS (SELECT FROM message WHERE day BETWEEN $1::date AND $2::date
                  AND sender_address_id IS NOT NULL)
    GROUP BY 1, 2
)
