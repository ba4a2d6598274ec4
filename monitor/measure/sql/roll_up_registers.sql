-- How the documents of the registers were sent, on the given days of issue (DESIGN "Indicators").
-- Base "observed" counts only what a captured file proves, over all documents of the register.
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, numerator,
                      denominator, undecided)
WITH
-- :include register_ways
, fact AS (
    SELECT agency_id, day, count(*) AS units, count(*) FILTER (WHERE captured) AS captured,
        count(*) FILTER (WHERE captured OR way <> 'paper') AS electronic,
        count(*) FILTER (WHERE way = 'parallel') AS parallel,
        count(*) FILTER (WHERE way = 'parallel' AND captured) AS parallel_proven,
        count(*) FILTER (WHERE way = 'electronic') AS alone,
        count(*) FILTER (WHERE way = 'electronic' AND captured) AS alone_proven,
        count(*) FILTER (WHERE way IS NULL AND NOT captured) AS unknown,
        count(*) FILTER (WHERE way IS NULL) AS paper_unknown
    FROM sent GROUP BY 1, 2
)
SELECT i.indicator, f.agency_id, 'docsys', 'formal', b.base, f.day, b.numerator, b.denominator,
       b.undecided
FROM fact f, LATERAL (VALUES
    ('document_electronic', f.electronic, f.captured, f.unknown),
    ('document_parallel_paper', f.parallel, f.parallel_proven, f.paper_unknown),
    ('document_paperless', f.alone, f.alone_proven, f.paper_unknown)
) AS i (indicator, good, proven, undecided), LATERAL (VALUES
    ('', i.good, f.units - i.undecided, i.undecided),
    ('observed', i.proven, f.units, 0)
) AS b (base, numerator, denominator, undecided)
