-- Process intervals: of the habit behind a figure, with its day-to-day variation (docs/statistics.md).
--
-- $1 indicators that have one   $2 of these, those of which there is a last_month
-- $3 the days of all windows and stretches
--
-- Units of a sample stand for 1/rate each. How alike the units of a day are is taken from the
-- stretches of figure_alike, about each one's own share, so that a drop between two is no variation.
INSERT INTO figure_process
WITH stretched AS MATERIALIZED (
    SELECT w.whose, d.window_name AS stretch, d.day
    FROM figure_day d JOIN figure_window w USING (window_name)
    WHERE window_name IN (SELECT window_name FROM figure_alike)
    UNION
    SELECT w.whose, a.stretch, a.day
    FROM figure_alike a JOIN figure_window w USING (window_name)
), agency_day AS (
    SELECT f.indicator, l.whose, l.code, l.level, f.channel, f.document_class, f.base, f.day,
           sum(f.numerator / f.rate::float8) AS y, sum(f.denominator / f.rate::float8) AS x,
           sum(f.denominator / f.rate::float8 ^ 2) AS q
    FROM day_fact f JOIN figure_agency l USING (agency_id)
    JOIN (SELECT DISTINCT whose, day FROM stretched) AS d USING (whose, day)
    WHERE f.indicator = ANY ($1::text[]) AND f.day = ANY ($3::date[]) AND f.denominator > 0
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), scope_day AS (
    SELECT indicator, whose, 'agency' AS scope, code, channel, document_class, base, day, y, x, q
    FROM agency_day
    UNION ALL
    SELECT indicator, whose, g.scope, g.code, channel, document_class, base, day, sum(y), sum(x),
           sum(q)
    FROM agency_day, LATERAL (VALUES ('level', level), ('province', 'province')) AS g (scope, code)
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), summed AS MATERIALIZED (
    SELECT d.indicator, d.whose, d.scope, d.code, d.channel, d.document_class, d.base, w.stretch,
           count(*) AS days, sum(y) AS y, sum(x) AS x, sum(q) AS q,
           sum(y * y) AS yy, sum(x * y) AS xy, sum(x * x) AS xx
    FROM scope_day d JOIN stretched w USING (whose, day)
    WHERE w.stretch <> 'last_month' OR d.indicator = ANY ($2::text[])
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), weighed AS (
    -- A window's own sums beside those of its stretches, in one pass: the planner expects a handful
    -- of rows here, and would compare each with each to join them.
    SELECT s.indicator, s.scope, s.code, s.channel, s.document_class, s.base, a.window_name,
           min(y) FILTER (WHERE own) AS y, min(x) FILTER (WHERE own) AS x,
           min(q) FILTER (WHERE own) AS q, min(xx) FILTER (WHERE own) AS xx,
           day_correlation(
               sum(days::float8 / (days - 1) * scatter(y, x, yy, xy, xx)) FILTER (WHERE alike),
               sum(y / x * (1 - y / x) * q) FILTER (WHERE alike),
               sum(y / x * (1 - y / x) * (xx - q)) FILTER (WHERE alike),
               sum(days) FILTER (WHERE alike)) AS correlation
    FROM summed s JOIN (
        SELECT window_name, stretch, bool_or(own) AS own, bool_or(NOT own) AS given
        FROM (SELECT window_name, stretch, false AS own FROM figure_alike
              UNION ALL SELECT window_name, window_name, true FROM figure_alike) AS each
        GROUP BY 1, 2
    ) AS a USING (stretch), LATERAL (SELECT a.given AND days > 1) AS of_days (alike)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT s.indicator, s.scope, s.code, s.channel, s.document_class, s.base, s.window_name,
       round(i.low::numeric, 9), round(i.high::numeric, 9)
FROM weighed s,
LATERAL process_interval(y / x * (x ^ 2 / q), x ^ 2 / q, overdispersion(correlation, q, xx)) AS i
