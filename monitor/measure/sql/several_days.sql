-- Rows of accounts and officials that have several.
CREATE TEMP TABLE several_days ON COMMIT DROP AS
SELECT account_id, person_id, account_agency, person_agency, traits, created_on, days, last_human,
    last_seen, long_signs
FROM ($account_days) AS row
