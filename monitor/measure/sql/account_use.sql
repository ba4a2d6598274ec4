-- What accounts did. Element n + 1 of `active` and `habitual` is window n; of `standing`: active,
-- idle, dormant, never logged in. `role` is that of the official who has it today.
CREATE TEMP TABLE account_use ON COMMIT DROP AS
SELECT g.account_agency AS agency_id, g.kind, g.state,
    CASE WHEN g.held_days & 1 = 1 THEN g.role ELSE 0 END AS role, g.account_days AS days,
    g.units, g.active, g.habitual, g.standing
FROM account_grouped g
