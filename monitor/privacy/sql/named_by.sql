-- $1 a pseudonym: of an address, of a person, or of a person who is known by that address.
SELECT a.pseudonym, 'address' AS kind, NULL::bytea AS sealed_name, NULL::bytea AS sealed_key,
       ARRAY[a.sealed_address] AS sealed_addresses, a.erased_on IS NOT NULL AS erased
FROM address a WHERE a.pseudonym = $1
UNION ALL
SELECT p.pseudonym, 'person', p.sealed_name, p.sealed_key,
       ARRAY(SELECT a.sealed_address FROM person_address pa JOIN address a USING (address_id)
             WHERE pa.person_id = p.person_id GROUP BY a.address_id, a.sealed_address
             ORDER BY max(pa.first_day) DESC, a.address_id),
       p.erased_on IS NOT NULL
FROM person p WHERE p.pseudonym = $1
