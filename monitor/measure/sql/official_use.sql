-- The same of officials: on which roster days they have an enabled account, and what it shows.
CREATE TEMP TABLE official_use ON COMMIT DROP AS
SELECT person_agency AS agency_id, traits >> 4 & 3 AS role, traits >> 10 & 15 AS days, signs,
    sum(units)::bigint AS people
FROM account_use
WHERE traits & 15 = 5 AND traits >> 10 & 15 <> 0
GROUP BY 1, 2, 3, 4
