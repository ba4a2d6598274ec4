INSERT INTO account_use
SELECT account_agency, 0, traits, $day_signs | long_signs | ($standing << 28) AS signs, count(*)
FROM (
    SELECT a.*, s.account_agency, (s.traits & 15) | (a.role << 4)
        | (bit_or(s.traits >> 6 & 15) << 6) | ((a.role > 0)::integer << 10) AS traits
    FROM several_days s JOIN several_accounts a USING (account_id)
    GROUP BY a.account_id, a.days, a.last_human, a.last_seen, a.created_on, a.long_signs, a.role,
        s.account_agency, s.traits & 15
) AS unit
GROUP BY 1, 2, 3, 4
