-- Figures that are not the same in two closings ($1 before, $2 after); those of one alone, too.
differing AS MATERIALIZED (
    SELECT about, panel, indicator, scope, code, channel, document_class, role, base,
        b.numerator AS old_numerator, b.denominator AS old_denominator,
        a.numerator AS new_numerator, a.denominator AS new_denominator,
        (b.first_day, b.last_day, b.numerator, b.denominator, b.undecided, b.checked, b.ratio,
         b.low, b.high, b.process_low, b.process_high, b.sample_fraction, b.undecided_share, b.state)
            IS NOT DISTINCT FROM
        (a.first_day, a.last_day, a.numerator, a.denominator, a.undecided, a.checked, a.ratio,
         a.low, a.high, a.process_low, a.process_high, a.sample_fraction, a.undecided_share, a.state)
            AS only_coverage,
        -- Says of an agency or group that a channel has nothing of it; there while others use it.
        coalesce(a.state, 'no_data') = 'no_data' AND coalesce(b.state, 'no_data') = 'no_data'
            AS empty
    FROM (SELECT * FROM closed_figure WHERE closing_id = $1) AS b
    FULL JOIN (SELECT * FROM closed_figure WHERE closing_id = $2) AS a
        USING (about, panel, indicator, scope, code, channel, document_class, role, base)
    WHERE (b.first_day, b.last_day, b.numerator, b.denominator, b.undecided, b.checked, b.ratio,
           b.low, b.high, b.process_low, b.process_high, b.sample_fraction, b.coverage,
           b.undecided_share, b.state)
        IS DISTINCT FROM
          (a.first_day, a.last_day, a.numerator, a.denominator, a.undecided, a.checked, a.ratio,
           a.low, a.high, a.process_low, a.process_high, a.sample_fraction, a.coverage,
           a.undecided_share, a.state)
)
