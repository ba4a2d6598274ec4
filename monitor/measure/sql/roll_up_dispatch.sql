-- Documents that went out in time after they were signed, on the given days of dispatch.
--
-- $1 days   $2 Vietnam time of the working day after the signing day that is still in time
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, rate, numerator,
                      denominator, undecided, units, sampled_units, clusters, sampled_clusters,
                      yy, xy, xx, xu, uu)
WITH unit AS MATERIALIZED (
    SELECT document_uid, day, agency_id, channel, document_class, sampled, relayed, sampled_rate,
           CASE WHEN dispatch_known THEN first_at END AS met_at,
           overall = 'indeterminate' AND cause IS NOT DISTINCT FROM 'ours' AS open,
           CASE WHEN sampled_rate < 1 THEN coalesce(drawn_with, document_uid) END AS cluster
    FROM document WHERE day = ANY ($1::date[]) AND counted AND
-- :include dispatch_units
), stamped AS (
    SELECT s.owner_uid AS document_uid, vietnam_day(max(s.signing_time)) AS stamped_on
    FROM unit d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE s.day = ANY ($1::date[]) AND s.owner = 'document' AND s.counts AND
-- :include dispatch_stamp
    GROUP BY 1
), issued AS (
    SELECT * FROM unit LEFT JOIN stamped USING (document_uid)
),
-- :include dispatch_told
, fact AS (
    SELECT agency_id, channel, document_class, b.base, day, sampled_rate AS rate, cluster,
           count(*) FILTER (WHERE b.judged AND b.good AND NOT b.undecided) AS y,
           count(*) FILTER (WHERE b.judged AND NOT b.undecided) AS x,
           count(*) FILTER (WHERE b.judged AND b.undecided) AS v,
           count(*) AS units, count(*) FILTER (WHERE sampled) AS drawn
    FROM (SELECT * FROM told OFFSET 0) AS told, LATERAL (VALUES
        ('', known, judged, good, undecided),
        ('observed', seen, seen_judged, seen_good, seen_undecided)
    ) AS b (base, known, judged, good, undecided)
    WHERE b.known
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
