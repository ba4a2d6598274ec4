-- How many officials an agency's roster has, by role and the days on which they are there.
CREATE $kind TABLE $link_roster AS
SELECT e.agency_id, CASE e.role WHEN 'leader' THEN 1 ELSE 2 END AS role,
    greatest(e.first_day, $first) AS first_day, least(e.last_day, $last) AS last_day,
    count(*) AS people
FROM employment e WHERE e.first_day <= $last AND e.last_day >= $first $only_officials
GROUP BY 1, 2, 3, 4
