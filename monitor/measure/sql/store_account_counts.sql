-- How the accounts of agencies in force, or of who holds what they had, stand today.
WITH counted AS (
    SELECT h.holder_id AS agency_id,
        CASE u.kind WHEN 2 THEN 'mailbox' WHEN 3 THEN 'shared'
            ELSE CASE u.role WHEN 0 THEN 'unknown' WHEN 1 THEN 'leader' ELSE 'staff' END
        END AS role,
        s.state, sum(s.accounts)::integer AS accounts
    FROM account_use u JOIN agency_holder($1::date) h USING (agency_id),
        LATERAL (VALUES (1, 'active', u.standing[1]), (1, 'idle', u.standing[2]),
            (1, 'dormant', u.standing[3]), (1, 'never_logged_in', u.standing[4]),
            (2, 'locked', u.units), (3, 'closed', u.units)) AS s (of, state, accounts)
    WHERE u.days & 1 = 1 AND h.holder_id <> 0 AND s.of = u.state AND s.accounts > 0
    GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM account_count c WHERE NOT EXISTS (
        SELECT FROM counted n WHERE (n.agency_id, n.role, n.state) = (c.agency_id, c.role, c.state))
)
INSERT INTO account_count AS c SELECT * FROM counted
ON CONFLICT (agency_id, role, state) DO UPDATE SET accounts = excluded.accounts
WHERE c.accounts <> excluded.accounts
