-- Figures of the strata, and how far from what happened they may be (docs/statistics.md).
--
-- $1 indicators that rest on verification: only these can be samples, and have an interval
--
-- Each rate's share counts by its units, drawn or not. Where nothing was drawn at a rate, its units
-- may be all or none: that much the interval is wider. What was found is there, so no interval
-- reaches below it, nor above what the others leave.
INSERT INTO figure_estimate
WITH arm AS MATERIALIZED (
    SELECT s.*, units::float8 / nullif(drawn, 0) AS each_stands_for,
           y::float8 / nullif(x, 0) AS share,
           x * CASE WHEN rate = 1 THEN 1 ELSE units::float8 / nullif(drawn, 0) END AS weight,
           CASE WHEN rate < 1 THEN
               effective_size(cluster_correlation(y, x, yy, xy, xx, drawn_clusters), x, xx, clusters,
                              drawn_clusters) END AS size,
           CASE WHEN rate = 1 THEN 0 ELSE
               total_variance(x, drawn, xx, xu, uu, units, clusters, drawn_clusters)
           END AS weight_variance
    FROM figure_stratum s
), bounded AS (
    SELECT a.*, CASE WHEN rate = 1 THEN share ELSE
               greatest(share_end(share, size, -1), y / nullif(weight, 0)) END AS low,
           CASE WHEN rate = 1 THEN share ELSE
               least(share_end(share, size, 1), 1 - (x - y) / nullif(weight, 0)) END AS high
    FROM arm a
), summed AS (
    SELECT indicator, scope, code, channel, document_class, base, window_name,
        bool_and(rate = 1) AS census,
        sum(weight) AS weight,
        sum(CASE WHEN rate = 1 THEN y ELSE y * each_stands_for END) AS good,
        sum(CASE WHEN rate = 1 THEN v ELSE v * each_stands_for END) AS undecided,
        sum(x) AS checked,
        sum(CASE WHEN rate = 1 THEN x + v ELSE units END) AS units,
        sum(CASE WHEN rate = 1 THEN x + v ELSE drawn END) AS drawn,
        -- Units that may be anything; as many of them as elsewhere are in the denominator at all.
        coalesce(sum(units) FILTER (WHERE drawn = 0), 0)
            * coalesce(sum(weight) FILTER (WHERE drawn > 0)
                       / nullif(sum(units) FILTER (WHERE drawn > 0), 0), 1) AS unknown,
        sum((weight * (share - low)) ^ 2) AS below,
        sum((weight * (high - share)) ^ 2) AS above,
        coalesce(sum(weight_variance), 0) AS vw,
        coalesce(sum(share * weight_variance), 0) AS svw,
        coalesce(sum(share ^ 2 * weight_variance), 0) AS ssvw
    FROM bounded GROUP BY 1, 2, 3, 4, 5, 6, 7
), ends AS (
    -- Arms by square-and-add (MOVER); the last term is that the weights are estimates themselves.
    SELECT s.*, e.ratio, coalesce(s.weight, 0) + s.unknown AS denominator,
        greatest(0, e.ratio - sqrt(s.below + e.moved) / s.weight) AS low,
        least(1, e.ratio + sqrt(s.above + e.moved) / s.weight) AS high,
        coalesce(s.weight, 0) / nullif(coalesce(s.weight, 0) + s.unknown, 0) AS known
    FROM summed s, LATERAL (SELECT s.good / nullif(s.weight, 0)) AS r (ratio), LATERAL (SELECT
        r.ratio, 3.8414588 * greatest(0, s.ssvw - 2 * r.ratio * s.svw + r.ratio ^ 2 * s.vw)
    ) AS e (ratio, moved)
)
SELECT indicator, scope, code, channel, document_class, base, window_name,
    CASE WHEN census THEN good ELSE round(coalesce(ratio, 0) * denominator) END,
    round(denominator),
    round(denominator + coalesce(undecided, 0)) - round(denominator),
    CASE WHEN census THEN ratio ELSE round(ratio::numeric, 9) END,
    CASE WHEN verified THEN CASE WHEN census THEN ratio
        ELSE round((coalesce(low, 0) * known)::numeric, 9) END END,
    CASE WHEN verified THEN CASE WHEN census THEN ratio
        ELSE round((coalesce(high, 0) * known + 1 - known)::numeric, 9) END END,
    CASE WHEN verified THEN checked END,
    coalesce(drawn::float8 / nullif(units, 0), 1)
FROM ends, LATERAL (SELECT indicator = ANY ($1::text[])) AS i (verified)
