-- Figures of accounts, from what headcount, account_use and official_use hold.
--
-- What an agency has that is no longer in force belongs to its holder on the window's last day.
-- No roster, no accounts, or nothing that watches activity: no data, never 0%.
CREATE TEMP TABLE account_figure ON COMMIT DROP AS
WITH span (number, window_name, first_day, last_day, roster_bit, extra, habitual, enough_days,
           watched) AS (
    VALUES $windows
), roster_day (roster_bit, day) AS (
    VALUES $roster_days
), holder AS MATERIALIZED (
    SELECT r.roster_bit, h.agency_id, h.holder_id, p.level
    FROM roster_day r CROSS JOIN LATERAL agency_holder(r.day) h
    JOIN agency_period p ON p.agency_id = h.holder_id AND r.day BETWEEN p.first_day AND p.last_day
    WHERE h.holder_id <> 0 $only_holders
), known AS MATERIALIZED (
    SELECT s.*, EXISTS (SELECT FROM account_period p
                        WHERE s.last_day BETWEEN p.first_day AND p.last_day) AS accounts
    FROM span s
),

listed AS (
    SELECT s.number, h.holder_id, h.level, c.role, sum(c.people)::integer AS units
    FROM headcount c JOIN span s ON c.days >> s.roster_bit & 1 = 1
    JOIN holder h USING (roster_bit, agency_id)
    GROUP BY 1, 2, 3, 4
), used AS (
    SELECT s.number, h.holder_id, h.level, u.role, sum(u.units)::integer AS units,
        sum(u.active[s.number + 1])::integer AS active,
        sum(u.habitual[s.number + 1])::integer AS habitual
    FROM official_use u JOIN span s ON u.days >> s.roster_bit & 1 = 1
    JOIN holder h USING (roster_bit, agency_id)
    GROUP BY 1, 2, 3, 4
), account AS (
    SELECT s.number, h.holder_id, h.level, u.kind, sum(u.units)::integer AS units,
        sum(u.active[s.number + 1])::integer AS active,
        sum(u.habitual[s.number + 1])::integer AS habitual
    FROM account_use u JOIN span s
        ON u.days >> s.roster_bit & 1 = 1 AND u.state = 1 AND u.kind < 3
    JOIN holder h USING (roster_bit, agency_id)
    GROUP BY 1, 2, 3, 4
),

-- Officials by the roster; the personal accounts of an agency that has none; mailboxes apart.
unit AS (
    SELECT l.number, l.holder_id, l.level, CASE l.role WHEN 1 THEN 'leader' ELSE 'staff' END AS role,
        l.units AS roster, coalesce(u.units, 0) AS provisioned, coalesce(u.active, 0) AS active,
        coalesce(u.habitual, 0) AS habitual
    FROM listed l LEFT JOIN used u USING (number, holder_id, level, role)
    UNION ALL
    SELECT a.number, a.holder_id, a.level, CASE a.kind WHEN 2 THEN 'mailbox' ELSE 'account' END,
        0, a.units, coalesce(a.active, 0), coalesce(a.habitual, 0)
    FROM account a
    WHERE a.kind = 2
        OR NOT EXISTS (SELECT FROM listed l WHERE (l.number, l.holder_id) = (a.number, a.holder_id))
), scoped AS (
    SELECT u.number, s.scope, s.code, r.role, sum(u.roster) AS roster,
        sum(u.provisioned) AS provisioned, sum(u.active) AS active, sum(u.habitual) AS habitual,
        sum(u.provisioned) FILTER (WHERE u.role <> 'account') AS officials,
        sum(u.active) FILTER (WHERE u.role <> 'account') AS officials_active,
        sum(u.habitual) FILTER (WHERE u.role <> 'account') AS officials_habitual
    FROM unit u JOIN agency a ON a.agency_id = u.holder_id,
        LATERAL (VALUES ('agency', a.code), ('level', u.level), ('province', 'province'))
            AS s (scope, code),
        LATERAL (VALUES ('', u.role <> 'mailbox'), (u.role, u.role <> 'account')) AS r (role, counts)
    WHERE r.counts
    GROUP BY 1, 2, 3, 4
),

grid AS (
    SELECT s.number, i.indicator, i.base, g.scope, g.code
    FROM span s
    JOIN (VALUES ('accounts_provisioned', ''), ('accounts_active', ''),
        ('accounts_active', 'provisioned'), ('accounts_habitual', ''),
        ('accounts_habitual', 'provisioned')) AS i (indicator, base)
        ON i.indicator = 'accounts_active'
        OR (NOT s.extra AND (s.habitual OR i.indicator = 'accounts_provisioned'))
    JOIN (
        SELECT h.roster_bit, 'agency' AS scope, a.code FROM holder h JOIN agency a USING (agency_id)
        WHERE h.agency_id = h.holder_id
        UNION SELECT roster_bit, 'level', level FROM holder
        UNION SELECT roster_bit, 'province', 'province' FROM roster_day
    ) AS g USING (roster_bit)
), figured AS (
    SELECT number, scope, code, role, i.*
    FROM scoped, LATERAL (VALUES
        ('accounts_provisioned', '', officials, roster),
        ('accounts_active', '', officials_active, roster),
        ('accounts_active', 'provisioned', active, provisioned),
        ('accounts_habitual', '', officials_habitual, roster),
        ('accounts_habitual', 'provisioned', habitual, provisioned)
    ) AS i (indicator, base, numerator, denominator)
    WHERE NOT (role = 'mailbox' AND base = '')
), result AS (
    SELECT indicator, scope, code, f.role, base, number, coalesce(f.numerator, 0) AS numerator,
        f.denominator
    FROM grid JOIN figured f USING (indicator, base, number, scope, code)
    UNION ALL
    SELECT indicator, scope, code, '', base, number, 0, 0 FROM grid g
    WHERE NOT EXISTS (SELECT FROM figured f WHERE f.role = ''
        AND (f.indicator, f.base, f.number, f.scope, f.code)
            = (g.indicator, g.base, g.number, g.scope, g.code))
)
SELECT r.indicator, r.scope, r.code, r.role, r.base, k.window_name, k.first_day, k.last_day,
    CASE WHEN n.data THEN r.numerator::bigint ELSE 0 END AS numerator,
    r.denominator::bigint AS denominator,
    CASE WHEN n.data THEN r.numerator::double precision / r.denominator END AS ratio,
    CASE WHEN NOT n.data THEN 'no_data'
         WHEN r.indicator = 'accounts_habitual' AND NOT k.enough_days THEN 'insufficient'
         ELSE 'ok' END AS state
FROM result r JOIN known k USING (number),
    LATERAL (SELECT r.denominator > 0 AND k.accounts
        AND (r.indicator = 'accounts_provisioned' OR k.watched)) AS n (data)
