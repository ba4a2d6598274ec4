-- How the documents of the registers were sent, on the given days of issue (DESIGN "Indicators").
--
-- A document of a register is a number of its own: an appendix belongs to its document, and a number
-- that was cancelled has none. A file of it
-- that was captured on its way (published on a portal it is not sent; where its own manifest says
-- "paper" it only lies in the document system; another agency's document that was passed on proves
-- only of a copy that it was sent) contradicts a register that says otherwise. Whether
-- paper went beside it, only the register or the message itself can say: else that stays undecided.
-- Base "observed" counts only what a captured file proves, over all documents of the register.
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, numerator,
                      denominator, undecided)
WITH entry AS MATERIALIZED (
    SELECT entry_id, agency_id, day, paper, role FROM register_entry
    WHERE day = ANY ($1::date[]) AND direction = 'out' AND NOT secret AND gone_run_id IS NULL
      AND role <> 'appendix' AND status IS DISTINCT FROM 'cancelled'
), found AS MATERIALIZED (
    SELECT e.entry_id, e.role AS entry_role, k.document_uid, k.day
    FROM entry e JOIN register_file f USING (entry_id) JOIN document_key k USING (document_uid)
    WHERE f.how <> 'refused' AND k.counted
), captured AS (
    -- OFFSET 0: each is looked up in the one partition of its day.
    SELECT f.entry_id, bool_or(d.paper = 'parallel') AS with_paper,
           bool_or(d.paper = 'electronic') AS alone
    FROM found f CROSS JOIN LATERAL (
        SELECT role, channel, paper, relayed FROM document d
        WHERE d.document_uid = f.document_uid AND d.day = f.day
        OFFSET 0
    ) AS d
    WHERE d.role <> 'appendix' AND d.channel <> 'portal' AND d.paper IS DISTINCT FROM 'paper'
      AND (NOT d.relayed OR f.entry_role = 'copy')
    GROUP BY 1
), sent AS (
    SELECT e.agency_id, e.day, c.entry_id IS NOT NULL AS captured,
        CASE WHEN c.entry_id IS NULL THEN e.paper
             WHEN e.paper IN ('paper', 'parallel') OR c.with_paper THEN 'parallel'
             WHEN e.paper = 'electronic' OR c.alone THEN 'electronic' END AS way
    FROM entry e LEFT JOIN captured c USING (entry_id)
), fact AS (
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
