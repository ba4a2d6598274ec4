-- Whose addresses ($1: ids) were, and since and until when.
SELECT p.person_id, p.pseudonym, p.source, p.sealed_key, p.sealed_name,
    min(pa.first_day) AS first_day, max(pa.last_day) AS last_day
FROM person p LEFT JOIN person_address pa USING (person_id)
WHERE p.person_id = ANY ($2::integer[]) OR pa.address_id = ANY ($1::integer[])
GROUP BY p.person_id
ORDER BY p.pseudonym;
