-- The one strongest entry of each file; two of equal strength are none. By hand there may be several.
INSERT INTO match_scored
SELECT agency_id, content_hash, entry_id, score, score >= 8 OR score > 0 AND place = 1 AND equals = 1
FROM (
    SELECT *, rank() OVER (PARTITION BY agency_id, content_hash ORDER BY score DESC) AS place,
        count(*) OVER (PARTITION BY agency_id, content_hash, score) AS equals
    FROM (
        SELECT agency_id, content_hash, entry_id,
               coalesce(bit_or(strength) FILTER (WHERE alone), 0) AS score
        FROM match_candidate GROUP BY 1, 2, 3
    ) AS summed
) AS ranked
