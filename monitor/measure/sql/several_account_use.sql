INSERT INTO account_use
SELECT agency_id, kind, state, role, days, count(*), $active, $habitual, $standing
FROM (
    SELECT account_id, g.account_agency AS agency_id, g.kind, g.state, bit_or(g.account_days) AS days
    FROM several_days JOIN account_group g USING (group_id)
    GROUP BY 1, 2, 3, 4
) AS unit JOIN (SELECT a.*, $stands AS stands FROM several_accounts a) AS account USING (account_id)
GROUP BY 1, 2, 3, 4, 5
