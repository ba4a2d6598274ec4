-- What such an official did with all enabled accounts that are the official's on a roster day.
INSERT INTO official_use
SELECT agency_id, role, held, $day_signs_by_roster | long_signs, count(*)
FROM (
    SELECT s.person_agency AS agency_id, s.traits >> 4 & 3 AS role, bit_or(s.traits >> 10 & 15) AS held,
        $days_by_roster,
        bit_or(a.long_signs) AS long_signs
    FROM several_days s JOIN several_accounts a USING (account_id)
    WHERE s.traits & 15 = 5 AND s.traits >> 10 & 15 <> 0
    GROUP BY s.person_id, s.person_agency, s.traits >> 4 & 3
) AS official
GROUP BY 1, 2, 3, 4
