-- What was drawn at each rate over the days of each window: agencies, and added up for groups.
--
-- $1 the days of all windows   $2 indicators of which there is a last_month
INSERT INTO figure_stratum
WITH windowed AS MATERIALIZED (
    SELECT s.indicator, l.code, l.level, s.channel, s.document_class, s.base, s.window_name, s.rate,
           s.y, s.x, s.v, s.units, s.drawn, s.clusters, s.drawn_clusters, s.yy, s.xy, s.xx, s.xu, s.uu
    FROM (
        SELECT f.indicator, f.agency_id, f.channel, f.document_class, f.base, w.window_name, f.rate,
               sum(numerator) AS y, sum(denominator) AS x, sum(undecided) AS v,
               NULL::bigint AS units, NULL::bigint AS drawn, NULL::bigint AS clusters,
               NULL::bigint AS drawn_clusters, NULL::bigint AS yy, NULL::bigint AS xy,
               NULL::bigint AS xx, NULL::bigint AS xu, NULL::bigint AS uu
        FROM day_fact f JOIN figure_day w USING (day)
        WHERE f.rate = 1 AND f.day = ANY ($1::date[])
          AND (w.window_name <> 'last_month' OR f.indicator = ANY ($2::text[]))
        GROUP BY 1, 2, 3, 4, 5, 6, 7
        UNION ALL
        SELECT f.indicator, f.agency_id, f.channel, f.document_class, f.base, w.window_name, f.rate,
               sum(numerator), sum(denominator), sum(undecided), sum(units), sum(sampled_units),
               sum(clusters), sum(sampled_clusters), sum(yy), sum(xy), sum(xx), sum(xu), sum(uu)
        FROM day_fact f JOIN figure_day w USING (day)
        WHERE f.rate < 1 AND f.day = ANY ($1::date[])
          AND (w.window_name <> 'last_month' OR f.indicator = ANY ($2::text[]))
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) AS s JOIN figure_window USING (window_name) JOIN figure_agency l USING (whose, agency_id)
)
SELECT indicator, 'agency', code, channel, document_class, base, window_name, rate, y, x, v,
       units, drawn, clusters, drawn_clusters, yy, xy, xx, xu, uu
FROM windowed
UNION ALL
SELECT indicator, g.scope, g.code, channel, document_class, base, window_name, rate,
       sum(y), sum(x), sum(v), sum(units), sum(drawn), sum(clusters), sum(drawn_clusters),
       sum(yy), sum(xy), sum(xx), sum(xu), sum(uu)
FROM windowed, LATERAL (VALUES ('level', level), ('province', 'province')) AS g (scope, code)
WHERE g.code IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
