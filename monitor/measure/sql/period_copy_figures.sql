-- What the newest closing of period $3 says of it, as what closing $1 is compared with ($2).
INSERT INTO closed_figure (closing_id, about, panel, indicator, scope, code, channel, document_class,
    role, base, first_day, last_day, numerator, denominator, undecided, checked, ratio, low, high,
    process_low, process_high, sample_fraction, coverage, undecided_share, state)
SELECT $1, $2, '', indicator, scope, code, channel, document_class, role, base, first_day, last_day,
    numerator, denominator, undecided, checked, ratio, low, high, process_low, process_high,
    sample_fraction, coverage, undecided_share, state
FROM closed_figure
WHERE closing_id = (
    SELECT c.closing_id FROM closing c WHERE c.period = $3 AND c.version > 0 AND c.closing_id <> $1
    ORDER BY c.version DESC LIMIT 1
) AND about = 'period' AND panel = '' AND document_class IN ('formal', '')
  AND base IN ('', 'provisioned') AND role IN ('', 'leader')
ORDER BY indicator, scope, code, channel, document_class, role, base
