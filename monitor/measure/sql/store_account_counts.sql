-- How the accounts of agencies in force, or of who holds what they had, stand today.
WITH counted AS (
    SELECT h.holder_id AS agency_id,
        CASE u.traits & 3 WHEN 2 THEN 'mailbox' WHEN 3 THEN 'shared'
            ELSE CASE WHEN u.traits >> 10 & 1 = 0 THEN 'unknown'
                WHEN u.traits >> 4 & 3 = 1 THEN 'leader' ELSE 'staff' END END AS role,
        CASE u.traits >> 2 & 3 WHEN 2 THEN 'locked' WHEN 3 THEN 'closed'
            ELSE CASE u.signs >> 28 WHEN 1 THEN 'active' WHEN 2 THEN 'idle' WHEN 3 THEN 'dormant'
                ELSE 'never_logged_in' END END AS state,
        sum(u.units)::integer AS accounts
    FROM account_use u JOIN agency_holder($1::date) h ON h.agency_id = u.account_agency
    WHERE u.traits >> 6 & 1 = 1 AND h.holder_id <> 0
    GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM account_count c WHERE NOT EXISTS (
        SELECT FROM counted n WHERE (n.agency_id, n.role, n.state) = (c.agency_id, c.role, c.state))
)
INSERT INTO account_count AS c SELECT * FROM counted
ON CONFLICT (agency_id, role, state) DO UPDATE SET accounts = excluded.accounts
WHERE c.accounts <> excluded.accounts
