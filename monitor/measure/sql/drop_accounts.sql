-- How many enabled personal accounts there were, by agency and for how long.
--
-- $1 first and $2 last day that matters
SELECT agency_id, greatest(first_day, $1::date) AS first_day, least(last_day, $2::date) AS last_day,
    count(*) AS accounts
FROM account_period
WHERE kind = 'personal' AND state = 'enabled' AND first_day <= $2 AND last_day >= $1
GROUP BY 1, 2, 3
