-- Primary address and aliases of accounts ($1: account ids), and bare addresses ($2: address ids).
SELECT d.address_id, d.pseudonym, d.sealed_address, aa.first_day, aa.last_day,
    a.address_id = d.address_id AS is_primary
FROM account_address aa
JOIN account a USING (account_id)
JOIN address d ON d.address_id = aa.address_id
WHERE aa.account_id = ANY ($1::integer[])
UNION ALL
SELECT d.address_id, d.pseudonym, d.sealed_address, NULL, NULL, NULL
FROM address d
WHERE d.address_id = ANY ($2::integer[]) AND NOT EXISTS (
    SELECT FROM account_address aa
    WHERE aa.address_id = d.address_id AND aa.account_id = ANY ($1)
)
ORDER BY is_primary DESC NULLS LAST, pseudonym, first_day;
