-- Accounts that ever had one of these addresses ($1: address ids).
SELECT a.account_id, d.pseudonym, a.source, a.created_on, a.reported_login, d.sealed_address
FROM account a JOIN address d USING (address_id)
WHERE a.account_id IN (
    SELECT aa.account_id FROM account_address aa WHERE aa.address_id = ANY ($1::integer[])
)
ORDER BY d.pseudonym;
