-- Makes the table `figure` say what figure_result says, and gives that: all of it, or, where indicators $1
-- and windows $2 of agencies are named, what metrics show.
WITH stored AS (
    INSERT INTO figure AS f (indicator, scope, code, channel, document_class, base, window_name,
        first_day, last_day, numerator, denominator, undecided, ratio, low, high, process_low,
        process_high, checked, sample_fraction, undecided_share, state, coverage)
    SELECT * FROM figure_result r
    WHERE NOT EXISTS (
        SELECT FROM figure f
        WHERE (f.indicator, f.scope, f.code, f.channel, f.document_class, f.base, f.window_name)
            = (r.indicator, r.scope, r.code, r.channel, r.document_class, r.base, r.window_name)
          AND f.role = '' AND (f.first_day, f.last_day, f.numerator, f.denominator, f.undecided)
            = (r.first_day, r.last_day, r.numerator, r.denominator, r.undecided)
          AND (f.state, f.coverage, f.ratio, f.low, f.high, f.process_low, f.process_high,
               f.checked, f.sample_fraction)
              IS NOT DISTINCT FROM
              (r.state, r.coverage, r.ratio, r.low, r.high, r.process_low, r.process_high,
               r.checked, r.sample_fraction))
    ORDER BY indicator, scope, code, channel, document_class, base, window_name
    ON CONFLICT (indicator, scope, code, channel, document_class, role, base, window_name)
    DO UPDATE SET
        first_day = excluded.first_day, last_day = excluded.last_day,
        numerator = excluded.numerator, denominator = excluded.denominator,
        undecided = excluded.undecided, ratio = excluded.ratio, low = excluded.low,
        high = excluded.high, process_low = excluded.process_low,
        process_high = excluded.process_high, checked = excluded.checked,
        sample_fraction = excluded.sample_fraction, undecided_share = excluded.undecided_share,
        state = excluded.state, coverage = excluded.coverage, changed_at = now()
), gone AS (
    DELETE FROM figure f WHERE f.indicator NOT LIKE 'accounts%' AND NOT EXISTS (
        SELECT FROM figure_result r
        WHERE (r.indicator, r.scope, r.code, r.channel, r.document_class, r.base, r.window_name)
            = (f.indicator, f.scope, f.code, f.channel, f.document_class, f.base, f.window_name))
)
SELECT * FROM figure_result
WHERE $1::text[] IS NULL OR (base = '' AND document_class <> 'editable' AND (
    scope <> 'agency' OR (indicator, window_name) IN (SELECT * FROM unnest($1::text[], $2::text[]))))
ORDER BY indicator, scope, code, channel, document_class, base, window_name
