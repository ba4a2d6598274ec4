-- Distinct officials of $1 (agency ids) on $3 whose verified mail from $2 to $3 carried formal
-- documents, any that is signed, and all of them validly signed; by role. Of what was not drawn for
-- verification it is only known that it was sent.
WITH official AS (
    SELECT person_id, role FROM employment
    WHERE agency_id = ANY ($1::integer[]) AND $3::date BETWEEN first_day AND last_day
), own AS (
    SELECT o.person_id, o.role, a.address_id
    FROM official o JOIN person_address a USING (person_id)
    WHERE $3::date BETWEEN a.first_day AND a.last_day
), reached AS (
    SELECT person_id, role, address_id FROM own
    UNION
    SELECT o.person_id, o.role, other.address_id
    FROM own o JOIN account_address one USING (address_id)
    JOIN account_address other USING (account_id)
    WHERE $3::date BETWEEN one.first_day AND one.last_day
      AND $3::date BETWEEN other.first_day AND other.last_day
), sent AS (
    SELECT r.person_id, r.role, m.overall = 'valid' OR m.formal_valid = m.formal_documents AS valid,
        m.sampled AND m.overall IN ('valid', 'invalid', 'indeterminate') OR m.formal_valid > 0
            OR EXISTS (
            SELECT FROM sending s JOIN document d USING (document_uid)
            WHERE s.dispatch = m.message_uid AND d.document_class = 'formal' AND NOT d.relayed
              AND d.overall IN ('valid', 'invalid', 'indeterminate')
              AND NOT d.findings @> ARRAY['not_sampled']) AS signed
    FROM reached r JOIN message m ON m.sender_address_id = r.address_id
    WHERE m.day BETWEEN $2::date AND $3::date AND m.direction = 'out' AND NOT m.automatic
      AND m.formal_documents > 0
)
SELECT role, count(DISTINCT person_id) AS sends,
    count(DISTINCT person_id) FILTER (WHERE signed) AS signs,
    count(DISTINCT person_id) FILTER (WHERE valid) AS validates
FROM sent GROUP BY 1
