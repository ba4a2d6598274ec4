-- The figures of all windows: of what was estimated, and of what has no data and says so.
--
-- $1 today (Vietnam day)   $2 undecided share above which a figure is stale
-- $3 units below which a figure is insufficient   $4 indicators that rest on registers
-- $5 indicators of which there is a last_month   $6 width of an interval above which a sample is
-- insufficient   $7 $8 $9 every indicator and channel there is, and whether it says so even where
-- nothing comes by that channel   $10 the days of all windows
--
-- A figure of registers is stale, too, where they were given for fewer of the window's working days
-- before today: a day that is missing is as good as undecided.
INSERT INTO figure_result
WITH span AS (
    SELECT window_name, min(day) AS first_day, max(day) AS last_day FROM figure_day GROUP BY 1
), listed AS (
    SELECT w.window_name, a.agency_id, a.code, a.level
    FROM figure_window w JOIN figure_agency a USING (whose)
),

-- Working days of a window before today for which each agency's register was to be given, and was.
register_days AS (
    SELECT p.agency_id, w.window_name, count(*) AS needed, count(s.agency_id) AS given
    FROM figure_day w
    JOIN agency_period p ON w.day BETWEEN p.first_day AND p.last_day
    LEFT JOIN register_span s ON s.agency_id = p.agency_id AND s.direction = 'out'
        AND w.day BETWEEN s.first_day AND s.last_day
    WHERE w.working AND w.day < $1::date AND EXISTS (SELECT FROM register_span)
    GROUP BY 1, 2
), register_missing AS (
    SELECT g.scope, g.code, r.window_name, sum(needed - given) > $2 * sum(needed) AS missing
    FROM register_days r JOIN listed l USING (window_name, agency_id),
        LATERAL (VALUES ('agency', l.code), ('level', l.level), ('province', 'province'))
            AS g (scope, code)
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3
),

-- What an independent source says was sent, and how much of it was captured.
covered AS (
    SELECT g.scope, g.code, c.channel, w.window_name,
           sum(c.captured)::double precision / nullif(sum(c.logged), 0) AS coverage
    FROM coverage_day c JOIN figure_day w USING (day)
    JOIN listed l USING (window_name, agency_id),
        LATERAL (VALUES ('agency', l.code), ('level', l.level), ('province', 'province'))
            AS g (scope, code)
    WHERE c.day = ANY ($10::date[]) AND g.code IS NOT NULL
    GROUP BY 1, 2, 3, 4
),

-- What has no data says so: for formal documents, every indicator, scope, window and channel in use.
channel_in_use AS (
    SELECT DISTINCT channel FROM figure_estimate UNION SELECT 'mail'
), indicator_channel AS (
    SELECT k.indicator, k.channel
    FROM unnest($7::text[], $8::text[], $9::boolean[]) AS k (indicator, channel, always)
    WHERE k.always OR k.channel IN (SELECT c.channel FROM channel_in_use c)
), grid AS (
    SELECT i.indicator, s.scope, s.code, i.channel, 'formal' AS document_class, '' AS base,
           s.window_name
    FROM indicator_channel i
    CROSS JOIN (
        SELECT window_name, 'agency' AS scope, code FROM listed
        UNION SELECT window_name, 'level', level FROM listed WHERE level IS NOT NULL
        UNION SELECT window_name, 'province', 'province' FROM span) AS s
    WHERE (i.indicator <> 'agencies_signing' OR s.scope <> 'agency')
      AND (s.window_name <> 'last_month' OR i.indicator = ANY ($5::text[]))
)
SELECT indicator, scope, code, channel, document_class, base, window_name, first_day, last_day,
    n.numerator, n.denominator, n.undecided, e.ratio, e.low, e.high,
    p.low AS process_low, p.high AS process_high, e.checked,
    coalesce(e.sample_fraction, 1) AS sample_fraction, u.share AS undecided_share,
    CASE WHEN n.denominator + n.undecided = 0 THEN 'no_data'
         WHEN u.share > $2 THEN 'stale'
         WHEN indicator = ANY ($4::text[]) AND m.missing IS NOT FALSE THEN 'stale'
         WHEN n.denominator < $3 THEN 'insufficient'
         WHEN e.sample_fraction < 1 AND (e.ratio IS NULL OR e.high - e.low > $6)
             THEN 'insufficient'
         ELSE 'ok' END AS state,
    covered.coverage
FROM grid
FULL JOIN figure_estimate e
    USING (indicator, scope, code, channel, document_class, base, window_name)
LEFT JOIN figure_process p
    USING (indicator, scope, code, channel, document_class, base, window_name)
JOIN span USING (window_name)
LEFT JOIN covered USING (scope, code, channel, window_name)
LEFT JOIN register_missing m USING (scope, code, window_name),
LATERAL (SELECT coalesce(e.numerator, 0), coalesce(e.denominator, 0), coalesce(e.undecided, 0))
    AS n (numerator, denominator, undecided),
LATERAL (SELECT n.undecided::double precision / nullif(n.denominator + n.undecided, 0))
    AS u (share)
