-- Makes the account figures that are stored be those of account_figure; what stays the same is left
-- alone. One measures at a time: nothing is in the way between looking and writing.
WITH gone AS (
    DELETE FROM figure f WHERE f.indicator LIKE 'accounts%' AND NOT EXISTS (
        SELECT FROM account_figure r
        WHERE r.indicator = f.indicator AND r.scope = f.scope AND r.code = f.code
          AND f.channel = 'mail' AND f.document_class = '' AND r.role = f.role
          AND r.base = f.base AND r.window_name = f.window_name)
), changed AS (
    UPDATE figure f SET first_day = r.first_day, last_day = r.last_day, numerator = r.numerator,
        denominator = r.denominator, ratio = r.ratio, state = r.state, changed_at = now()
    FROM account_figure r
    WHERE f.indicator = r.indicator AND f.scope = r.scope AND f.code = r.code
      AND f.channel = 'mail' AND f.document_class = '' AND f.role = r.role
      AND f.base = r.base AND f.window_name = r.window_name
      AND (f.first_day, f.last_day, f.numerator, f.denominator, f.state)
          IS DISTINCT FROM (r.first_day, r.last_day, r.numerator, r.denominator, r.state)
)
INSERT INTO figure (indicator, scope, code, channel, document_class, role, base, window_name,
    first_day, last_day, numerator, denominator, undecided, ratio, sample_fraction, state)
SELECT r.indicator, r.scope, r.code, 'mail', '', r.role, r.base, r.window_name, r.first_day,
    r.last_day, r.numerator, r.denominator, 0, r.ratio, 1, r.state
FROM account_figure r
WHERE NOT EXISTS (
    SELECT FROM figure f
    WHERE f.indicator = r.indicator AND f.scope = r.scope AND f.code = r.code
      AND f.channel = 'mail' AND f.document_class = '' AND f.role = r.role
      AND f.base = r.base AND f.window_name = r.window_name)
