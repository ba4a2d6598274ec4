-- Process intervals: of the habit behind a figure, with its day-to-day variation (docs/statistics.md).
--
-- $1 today (Vietnam day)   $2 indicators that have one   $3 of these, those of which there is a last_month
--
-- Units of a sample stand for 1/rate each. How alike the units of a day are is taken from the 25
-- working days of wd5 and wd20_prior, about each one's own share, so that a drop between the two is
-- no variation.
INSERT INTO figure_process
WITH agency_day AS (
    SELECT f.indicator, l.code, l.level, f.channel, f.document_class, f.base, f.day,
           sum(f.numerator / f.rate::float8) AS y, sum(f.denominator / f.rate::float8) AS x,
           sum(f.denominator / f.rate::float8 ^ 2) AS q
    FROM day_fact f JOIN agency l USING (agency_id)
    WHERE f.indicator = ANY ($2::text[]) AND f.day BETWEEN $1::date - 90 AND $1::date
      AND f.denominator > 0 AND l.listed AND l.agency_id <> 0
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), scope_day AS (
    SELECT indicator, 'agency' AS scope, code, channel, document_class, base, day, y, x, q
    FROM agency_day
    UNION ALL
    SELECT indicator, g.scope, g.code, channel, document_class, base, day, sum(y), sum(x), sum(q)
    FROM agency_day, LATERAL (VALUES ('level', level), ('province', 'province')) AS g (scope, code)
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), windowed AS (
    SELECT d.indicator, d.scope, d.code, d.channel, d.document_class, d.base, w.window_name,
           count(*) AS days, sum(y) AS y, sum(x) AS x, sum(q) AS q,
           sum(y * y) AS yy, sum(x * y) AS xy, sum(x * x) AS xx
    FROM scope_day d JOIN figure_day w USING (day)
    WHERE w.window_name <> 'last_month' OR d.indicator = ANY ($3::text[])
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), correlated AS (
    SELECT indicator, scope, code, channel, document_class, base,
           day_correlation(sum(days::float8 / (days - 1) * scatter(y, x, yy, xy, xx)),
                           sum(y / x * (1 - y / x) * q), sum(y / x * (1 - y / x) * (xx - q)),
                           sum(days)) AS correlation
    FROM windowed WHERE window_name IN ('wd5', 'wd20_prior') AND days > 1
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT w.indicator, w.scope, w.code, w.channel, w.document_class, w.base, w.window_name,
       round(i.low::numeric, 9), round(i.high::numeric, 9)
FROM windowed w
LEFT JOIN correlated c USING (indicator, scope, code, channel, document_class, base),
LATERAL process_interval(y / x * (x ^ 2 / q), x ^ 2 / q,
    overdispersion(coalesce(c.correlation, day_correlation(0, 0, 0, 0)), q, xx)) AS i
