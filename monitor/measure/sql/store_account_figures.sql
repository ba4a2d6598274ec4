WITH gone AS (
    DELETE FROM figure f WHERE f.indicator LIKE 'accounts%' AND NOT EXISTS (
        SELECT FROM account_figure r
        WHERE r.indicator = f.indicator AND r.scope = f.scope AND r.code = f.code
          AND f.channel = 'mail' AND f.document_class = '' AND r.role = f.role
          AND r.base = f.base AND r.window_name = f.window_name)
)
INSERT INTO figure AS f (indicator, scope, code, channel, document_class, role, base, window_name,
    first_day, last_day, numerator, denominator, undecided, ratio, sample_fraction, state)
SELECT r.indicator, r.scope, r.code, 'mail', '', r.role, r.base, r.window_name, r.first_day,
    r.last_day, r.numerator, r.denominator, 0, r.ratio, 1, r.state
FROM account_figure r
LEFT JOIN figure o ON o.indicator = r.indicator AND o.scope = r.scope AND o.code = r.code
    AND o.channel = 'mail' AND o.document_class = '' AND o.role = r.role AND o.base = r.base
    AND o.window_name = r.window_name
WHERE (o.first_day, o.last_day, o.numerator, o.denominator, o.state)
    IS DISTINCT FROM (r.first_day, r.last_day, r.numerator, r.denominator, r.state)
ON CONFLICT (indicator, scope, code, channel, document_class, role, base, window_name) DO UPDATE
SET first_day = excluded.first_day, last_day = excluded.last_day, numerator = excluded.numerator,
    denominator = excluded.denominator, ratio = excluded.ratio, state = excluded.state,
    changed_at = now()
