-- What such an account did under all the addresses that it has on each roster day.
CREATE TEMP TABLE several_accounts ON COMMIT DROP AS
SELECT s.account_id, $days_by_roster, min(s.created_on) AS created_on,
    max(s.last_human) FILTER (WHERE g.account_days & 1 = 1) AS last_human,
    max(s.last_seen) FILTER (WHERE g.account_days & 1 = 1) AS last_seen,
    coalesce(min(g.role) FILTER (WHERE g.held_days & 1 = 1), 0) AS role
FROM (
    SELECT d.*, CASE WHEN d.asked IS NULL THEN d.before ELSE $answer END AS known_before
    FROM several_days d
    OFFSET '0'
) AS s JOIN account_group g USING (group_id)
GROUP BY 1
