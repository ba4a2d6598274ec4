-- $1 today
-- How many figures were not the same before, of those whose days are: at midnight all get others.
-- State and coverage follow from what is compared at other times, too, and are not looked at; figures
-- of accounts for today neither. Sums of fractions differ in their last digits with their order.
SELECT count(*)
FROM before_figure b
FULL JOIN figure f
    USING (indicator, scope, code, channel, document_class, role, base, window_name)
WHERE (b.first_day, b.last_day) IS NOT DISTINCT FROM (f.first_day, f.last_day)
    AND NOT (indicator LIKE 'accounts%' AND f.last_day >= $1::date)
    AND ((b.numerator, b.denominator, b.undecided, b.checked)
            IS DISTINCT FROM (f.numerator, f.denominator, f.undecided, f.checked)
        OR EXISTS (
            SELECT FROM (VALUES (b.ratio, f.ratio), (b.sample_fraction, f.sample_fraction),
                (b.low, f.low), (b.high, f.high), (b.process_low, f.process_low),
                (b.process_high, f.process_high)) AS v (was, now)
            WHERE (was IS NULL) <> (now IS NULL) OR abs(was - now) > 1e-9))
    OR b.last_day IS NULL AND f.last_day <= $1::date
    OR f.last_day IS NULL AND b.last_day <= $1::date
