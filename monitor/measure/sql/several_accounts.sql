-- What such an account did under all its addresses.
CREATE TEMP TABLE several_accounts ON COMMIT DROP AS
SELECT account_id, bit_or(days) AS days, max(last_human) AS last_human, max(last_seen) AS last_seen,
    min(created_on) AS created_on, bit_or(long_signs) AS long_signs,
    coalesce(min(nullif(traits >> 4 & 3, 0)) FILTER (WHERE traits >> 10 & 1 = 1), 0) AS role
FROM several_days
GROUP BY 1
