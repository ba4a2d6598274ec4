-- All figures of this moment, stored in `figure` and given back.
--
-- $1 today (Vietnam day)   $2 undecided share above which a figure is stale
-- $3 units below which a figure is insufficient
--
-- A figure of registers is stale, too, where they were given for fewer of the window's working days
-- before today: a day that is missing is as good as undecided.
--
-- Windows hold complete days only, but for `period`: the calendar month to date, today included.
-- `last_month`, the calendar month before, is that of figures in which registers have a part: these
-- come monthly.
-- wd5 and wd20_prior are sets of working days; what was dispatched on a free day is in 30d and
-- period only.
WITH working AS (
    SELECT d::date AS day, row_number() OVER (ORDER BY d DESC) AS back
    FROM generate_series($1::date - 90, $1::date - 1, interval '1 day') AS d
    WHERE is_working_day(d::date)
), window_day AS MATERIALIZED (
    SELECT 'wd5' AS window_name, day, true AS working FROM working WHERE back <= 5
    UNION ALL
    SELECT 'wd20_prior', day, true FROM working WHERE back BETWEEN 6 AND 25
    UNION ALL
    SELECT '30d', d::date, is_working_day(d::date)
    FROM generate_series($1::date - 30, $1::date - 1, interval '1 day') AS d
    UNION ALL
    SELECT 'period', d::date, is_working_day(d::date)
    FROM generate_series(date_trunc('month', $1::timestamp), $1::timestamp, interval '1 day') AS d
    UNION ALL
    SELECT 'last_month', d::date, is_working_day(d::date)
    FROM generate_series(date_trunc('month', $1::timestamp) - interval '1 month',
                         date_trunc('month', $1::timestamp) - interval '1 day',
                         interval '1 day') AS d
), span AS (
    SELECT window_name, min(day) AS first_day, max(day) AS last_day FROM window_day GROUP BY 1
), of_registers (indicator) AS (
    VALUES ('document_electronic'), ('document_parallel_paper'), ('document_paperless')
), monthly (indicator) AS (
    SELECT indicator FROM of_registers UNION ALL VALUES ('dispatched_on_time')
), listed AS (
    SELECT agency_id, code, level FROM agency WHERE listed AND agency_id <> 0
),

windowed AS MATERIALIZED (
    SELECT s.indicator, s.agency_id, l.code, l.level, s.channel, s.document_class, s.base,
           s.window_name, s.numerator, s.denominator, s.undecided
    FROM (
        SELECT f.indicator, f.agency_id, f.channel, f.document_class, f.base, w.window_name,
               sum(f.numerator) AS numerator, sum(f.denominator) AS denominator,
               sum(f.undecided) AS undecided
        FROM day_fact f JOIN window_day w USING (day)
        WHERE f.day >= $1::date - 90 AND f.day <= $1::date
          AND (w.window_name <> 'last_month' OR f.indicator IN (SELECT m.indicator FROM monthly m))
        GROUP BY 1, 2, 3, 4, 5, 6
    ) AS s JOIN listed l USING (agency_id)
),

-- An agency that issued only documents that nobody could decide is undecided itself.
signing AS (
    SELECT code, level, channel, document_class, base, window_name,
           (numerator > 0)::integer AS numerator,
           (denominator > 0)::integer AS denominator,
           (denominator = 0 AND undecided > 0)::integer AS undecided
    FROM windowed WHERE indicator = 'document_signed'
), grouped AS (
    SELECT indicator, 'agency' AS scope, code, channel, document_class, base, window_name,
           numerator, denominator, undecided
    FROM windowed
    UNION ALL
    SELECT indicator, scope, g.code, channel, document_class, base, window_name,
           sum(numerator), sum(denominator), sum(undecided)
    FROM (SELECT indicator, code, level, channel, document_class, base, window_name, numerator,
                 denominator, undecided FROM windowed
          UNION ALL
          SELECT 'agencies_signing', * FROM signing) AS unit,
        LATERAL (VALUES ('level', unit.level), ('province', 'province')) AS g (scope, code)
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
),

-- Working days of a window before today for which each agency's register was to be given, and was.
register_days AS (
    SELECT p.agency_id, w.window_name, count(*) AS needed, count(s.agency_id) AS given
    FROM window_day w
    JOIN agency_period p ON w.day BETWEEN p.first_day AND p.last_day
    LEFT JOIN register_span s ON s.agency_id = p.agency_id AND s.direction = 'out'
        AND w.day BETWEEN s.first_day AND s.last_day
    WHERE w.working AND w.day < $1::date AND EXISTS (SELECT FROM register_span)
    GROUP BY 1, 2
), register_missing AS (
    SELECT g.scope, g.code, r.window_name, sum(needed - given) > $2 * sum(needed) AS missing
    FROM register_days r JOIN listed l USING (agency_id),
        LATERAL (VALUES ('agency', l.code), ('level', l.level), ('province', 'province'))
            AS g (scope, code)
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3
),

-- What an independent source says was sent, and how much of it was captured.
covered AS (
    SELECT g.scope, g.code, c.channel, w.window_name,
           sum(c.captured)::double precision / nullif(sum(c.logged), 0) AS coverage
    FROM coverage_day c JOIN window_day w USING (day) JOIN listed l USING (agency_id),
        LATERAL (VALUES ('agency', l.code), ('level', l.level), ('province', 'province'))
            AS g (scope, code)
    WHERE c.day >= $1::date - 90 AND g.code IS NOT NULL
    GROUP BY 1, 2, 3, 4
),

-- What has no data says so: for formal documents, every indicator, scope, window and channel in use.
channel_in_use AS (
    SELECT DISTINCT channel FROM windowed UNION SELECT 'mail'
), indicator_channel AS (
    SELECT i.indicator, c.channel
    FROM (VALUES ('document_signed'), ('document_paired'), ('mail_signed'),
                 ('signature_timestamped'), ('signature_public_service_ca'),
                 ('dispatched_on_time'), ('agencies_signing')) AS i (indicator)
    CROSS JOIN channel_in_use c
    WHERE (i.indicator <> 'mail_signed' OR c.channel = 'mail')
      AND (i.indicator <> 'document_paired' OR c.channel IN ('docsys', 'axis'))
      AND (i.indicator <> 'dispatched_on_time' OR c.channel <> 'portal')
    UNION SELECT 'document_paired', 'docsys'
    UNION SELECT indicator, 'docsys' FROM of_registers
), grid AS (
    SELECT i.indicator, s.scope, s.code, i.channel, 'formal' AS document_class, '' AS base,
           w.window_name
    FROM indicator_channel i
    CROSS JOIN (
        SELECT 'agency' AS scope, code FROM listed
        UNION SELECT 'level', level FROM listed WHERE level IS NOT NULL
        UNION SELECT 'province', 'province') AS s
    CROSS JOIN span w
    WHERE (i.indicator <> 'agencies_signing' OR s.scope <> 'agency')
      AND (w.window_name <> 'last_month' OR i.indicator IN (SELECT m.indicator FROM monthly m))
), result AS MATERIALIZED (
    SELECT indicator, scope, code, channel, document_class, base, window_name, first_day, last_day,
        n.numerator, n.denominator, n.undecided,
        n.numerator::double precision / nullif(n.denominator, 0) AS ratio,
        1::double precision AS sample_fraction,
        u.share AS undecided_share,
        CASE WHEN n.denominator + n.undecided = 0 THEN 'no_data'
             WHEN u.share > $2 THEN 'stale'
             WHEN indicator IN (SELECT o.indicator FROM of_registers o)
                 AND m.missing IS NOT FALSE THEN 'stale'
             WHEN n.denominator < $3 THEN 'insufficient'
             ELSE 'ok' END AS state,
        covered.coverage
    FROM grid
    FULL JOIN grouped g USING (indicator, scope, code, channel, document_class, base, window_name)
    JOIN span USING (window_name)
    LEFT JOIN covered USING (scope, code, channel, window_name)
    LEFT JOIN register_missing m USING (scope, code, window_name),
    LATERAL (SELECT coalesce(g.numerator, 0)::bigint, coalesce(g.denominator, 0)::bigint,
                    coalesce(g.undecided, 0)::bigint) AS n (numerator, denominator, undecided),
    LATERAL (SELECT n.undecided::double precision / nullif(n.denominator + n.undecided, 0))
        AS u (share)
), stored AS (
    INSERT INTO figure AS f (indicator, scope, code, channel, document_class, base, window_name,
        first_day, last_day, numerator, denominator, undecided, ratio, sample_fraction,
        undecided_share, state, coverage)
    SELECT * FROM result r
    WHERE NOT EXISTS (
        SELECT FROM figure f
        WHERE (f.indicator, f.scope, f.code, f.channel, f.document_class, f.base, f.window_name)
            = (r.indicator, r.scope, r.code, r.channel, r.document_class, r.base, r.window_name)
          AND f.role = '' AND (f.first_day, f.last_day, f.numerator, f.denominator, f.undecided)
            = (r.first_day, r.last_day, r.numerator, r.denominator, r.undecided)
          AND (f.state, f.coverage) IS NOT DISTINCT FROM (r.state, r.coverage))
    ORDER BY indicator, scope, code, channel, document_class, base, window_name
    ON CONFLICT (indicator, scope, code, channel, document_class, role, base, window_name)
    DO UPDATE SET
        first_day = excluded.first_day, last_day = excluded.last_day,
        numerator = excluded.numerator, denominator = excluded.denominator,
        undecided = excluded.undecided, ratio = excluded.ratio,
        sample_fraction = excluded.sample_fraction, undecided_share = excluded.undecided_share,
        state = excluded.state, coverage = excluded.coverage, changed_at = now()
), gone AS (
    DELETE FROM figure f WHERE f.indicator NOT LIKE 'accounts%' AND NOT EXISTS (
        SELECT FROM result r
        WHERE (r.indicator, r.scope, r.code, r.channel, r.document_class, r.base, r.window_name)
            = (f.indicator, f.scope, f.code, f.channel, f.document_class, f.base, f.window_name))
)
SELECT * FROM result
ORDER BY indicator, scope, code, channel, document_class, base, window_name
