-- Addresses that belong to people who leave, or left before, and to nobody else.   $1 today
--
-- An agency's mailbox or a shared one is nobody's own. An address whose account is not closed is
-- still in use: it is to be handed on by its name, and goes when the account is closed.
WITH theirs AS (
    SELECT pa.address_id
    FROM person_address pa
    JOIN person p USING (person_id)
    LEFT JOIN leaving l USING (person_id)
    GROUP BY 1
    HAVING bool_and(l.person_id IS NOT NULL OR p.erased_on IS NOT NULL)
), named AS (
    -- Their addresses, and the other names of the same accounts that are nobody else's.
    SELECT address_id FROM theirs
    UNION
    SELECT other.address_id
    FROM theirs t
    JOIN account_address own USING (address_id)
    JOIN account_address other ON other.account_id = own.account_id
    WHERE NOT EXISTS (
        SELECT FROM person_address pa
        WHERE pa.address_id = other.address_id
          AND pa.address_id NOT IN (SELECT address_id FROM theirs))
), standing AS (
    SELECT n.address_id,
           bool_or(p.kind <> 'personal') AS common,
           bool_or(p.last_day >= $1 AND p.state <> 'closed') AS still_open
    FROM named n
    LEFT JOIN account_address aa USING (address_id)
    LEFT JOIN account_period p USING (account_id)
    GROUP BY 1
)
INSERT INTO leaving_address
SELECT s.address_id, coalesce(s.still_open, false)
FROM standing s JOIN address a USING (address_id)
WHERE a.erased_on IS NULL AND s.common IS NOT TRUE
