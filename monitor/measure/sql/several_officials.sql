-- What such an official did with all enabled accounts that are the official's on a roster day.
INSERT INTO official_use
SELECT agency_id, role, held, count(*), $active, $habitual
FROM (
    SELECT g.person_agency AS agency_id, g.role, bit_or(g.held_days) AS held, $days_by_roster
    FROM several_days s JOIN account_group g USING (group_id)
    JOIN several_accounts a USING (account_id)
    WHERE g.kind = 1 AND g.state = 1 AND g.held_days <> 0
    GROUP BY s.person_id, g.person_agency, g.role
) AS official
GROUP BY 1, 2, 3
