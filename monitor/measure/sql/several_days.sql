-- Rows of accounts and officials that have several.
CREATE TEMP TABLE several_days ON COMMIT DROP AS
SELECT group_id, account_id, person_id, created_on, days, last_human, last_seen, before, asked,
    address_first, address_last
FROM ($account_days) AS row
