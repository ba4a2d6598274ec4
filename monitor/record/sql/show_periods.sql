-- What an account was, period by period.
SELECT p.first_day, p.last_day, g.code AS agency, p.kind, p.state
FROM account_period p JOIN agency g USING (agency_id)
WHERE p.account_id = $1
ORDER BY p.first_day;
