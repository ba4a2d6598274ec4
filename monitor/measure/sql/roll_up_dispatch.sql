-- Documents that went out in time after they were signed, on the given days of dispatch.
--
-- $1 days   $2 Vietnam time of the working day after the signing day that is still in time
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, rate, numerator,
                      denominator, undecided, units, sampled_units, clusters, sampled_clusters,
                      yy, xy, xx, xu, uu)
WITH
-- :include dispatch_times
, fact AS (
    SELECT agency_id, channel, document_class, base, day, rate, cluster,
           count(*) FILTER (WHERE judged AND good AND NOT undecided) AS y,
           count(*) FILTER (WHERE judged AND NOT undecided) AS x,
           count(*) FILTER (WHERE judged AND undecided) AS v,
           count(*) AS units, count(*) FILTER (WHERE sampled) AS drawn
    FROM told
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT 'dispatched_on_time', agency_id, channel, document_class, base, day, rate,
       sum(y), sum(x), sum(v),
       sum(units) FILTER (WHERE rate < 1), sum(drawn) FILTER (WHERE rate < 1),
       count(*) FILTER (WHERE rate < 1), count(*) FILTER (WHERE rate < 1 AND drawn > 0),
       sum(y * y) FILTER (WHERE rate < 1), sum(x * y) FILTER (WHERE rate < 1),
       sum(x * x) FILTER (WHERE rate < 1), sum(x * drawn) FILTER (WHERE rate < 1),
       sum(drawn * drawn) FILTER (WHERE rate < 1)
FROM fact GROUP BY 1, 2, 3, 4, 5, 6, 7
