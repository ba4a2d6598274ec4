-- How many personal accounts a person used on each day of some months, by agency. $human: kinds of
-- activity that are a person's own, united; $counts: one count a day of the month.
--
-- $$1 first days of the months   $$2 last completed working day
SELECT agency_id, month, ARRAY[$counts]::integer[] AS used
FROM (
    SELECT p.account_id, p.agency_id, m.month, bit_or($human::bigint
        & (1::bigint << least(31, least(p.last_day, a.last_day, m.month + 31) - m.month + 1)) - 1
        & ~((1::bigint << greatest(0, greatest(p.first_day, a.first_day, m.month) - m.month)) - 1)
        ) AS days
    FROM activity_month m
    JOIN account_address a ON a.address_id = m.address_id
        AND a.first_day <= m.month + 31 AND a.last_day >= m.month
    JOIN account_period p ON p.account_id = a.account_id AND p.kind = 'personal'
        AND p.state = 'enabled' AND p.first_day <= m.month + 31 AND p.last_day >= m.month
    WHERE m.month = ANY ($$1::date[]) AND m.month <= $$2::date
    GROUP BY 1, 2, 3
) AS account
GROUP BY 1, 2
