-- How many officials an agency's roster has, by role and by the roster days on which they are there.
CREATE TEMP TABLE headcount ON COMMIT DROP AS
SELECT e.agency_id, CASE e.role WHEN 'leader' THEN 1 ELSE 2 END AS role, $days_of_e AS days,
    count(*) AS people
FROM employment e WHERE $during_e $only_officials
GROUP BY 1, 2, 3
