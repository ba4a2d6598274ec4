-- What accounts did, and officials by them, where one row of the link says all.
--
-- `signs`: bit n, activity in window n; bit 16 + n, habitual use in it; bits 28 to 30, how an
-- enabled account stands today (1 active, 2 idle, 3 dormant, 4 never logged in).
CREATE TEMP TABLE account_use ON COMMIT DROP AS
SELECT account_agency, person_agency, traits, signs, count(*) AS units
FROM (
    SELECT account_agency, person_agency, traits, $day_signs | long_signs | ($standing << 28) AS signs
    FROM ($account_days) AS row
) AS unit
GROUP BY 1, 2, 3, 4
