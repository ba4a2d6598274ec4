-- $1 closing. Of what the period is compared with only the series that reports show.
INSERT INTO closed_figure (closing_id, about, panel, indicator, scope, code, channel, document_class,
    role, base, first_day, last_day, numerator, denominator, undecided, checked, ratio, low, high,
    process_low, process_high, sample_fraction, coverage, undecided_share, state)
SELECT $1, w.about, w.panel, indicator, scope, code, channel, document_class, '', base, first_day,
    last_day, numerator, denominator, undecided, checked, ratio, low, high, process_low, process_high,
    sample_fraction, coverage, undecided_share, state
FROM figure_result,
    LATERAL (SELECT split_part(window_name, '/', 1), split_part(window_name, '/', 2))
        AS w (about, panel)
WHERE window_name = 'period'
   OR document_class = 'formal' AND base = '' AND (w.panel = '' OR scope <> 'agency')
ORDER BY w.about, w.panel, indicator, scope, code, channel, document_class, base
