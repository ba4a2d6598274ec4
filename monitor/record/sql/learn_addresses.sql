-- $1 pseudonyms in order   $2 sealed addresses. Gives every one, known or new; writers that meet
-- wait for each other, so the second look sees what the other has added.
WITH wanted AS (
    SELECT * FROM unnest($1::bigint[], $2::bytea[]) AS w (pseudonym, sealed_address)
), known AS (
    SELECT a.pseudonym, a.address_id FROM address a JOIN wanted USING (pseudonym)
), added AS (
    INSERT INTO address (pseudonym, sealed_address)
    SELECT w.pseudonym, w.sealed_address FROM wanted w
    WHERE NOT EXISTS (SELECT FROM known k WHERE k.pseudonym = w.pseudonym)
    ORDER BY w.pseudonym
    ON CONFLICT (pseudonym) DO UPDATE SET pseudonym = excluded.pseudonym
    RETURNING pseudonym, address_id
)
SELECT pseudonym, address_id FROM known UNION ALL SELECT pseudonym, address_id FROM added
