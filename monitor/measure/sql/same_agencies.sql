SELECT agency_id FROM agency_period
WHERE first_day <= $2::date AND last_day >= $1::date
GROUP BY agency_id
HAVING sum(least(last_day, $2::date) - greatest(first_day, $1::date) + 1) = $2::date - $1::date + 1
