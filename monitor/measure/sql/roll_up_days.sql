-- Facts of the given days per agency, channel, class and rate; every row of these days is read once.
--
-- Relayed documents, unopened archives, automatic, internal and incoming mail are in no ratio; what is
-- indeterminate by our own lack of data is undecided and in neither numerator nor denominator (DESIGN
-- "Indicators").
--
-- At rate 1 all of a day is one row. Below it (docs/statistics.md) documents are first put together
-- by the message or item that they were drawn with. What was not drawn only counts as a unit, and so
-- does what turned out to be relayed: of what was not drawn nobody knows.
--
-- document_paired has a second series, base 'main', without appendices and copies: whether a document
-- is one is mostly its agency's own word, and the weaker rule helps its figure.
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, rate, numerator,
                      denominator, undecided, units, sampled_units, clusters, sampled_clusters,
                      yy, xy, xx, xu, uu)
WITH document_cluster AS MATERIALIZED (
    SELECT agency_id, channel, document_class, day, sampled_rate AS rate,
        CASE WHEN sampled_rate < 1 THEN coalesce(drawn_with, document_uid) END AS cluster,
        count(*) FILTER (WHERE judged AND overall = 'valid' AND signed_by_issuer) AS good,
        count(*) FILTER (WHERE judged AND overall = 'valid' AND (
            paired OR role <> 'main' AND organisation_signed)) AS complete,
        count(*) FILTER (WHERE judged AND undecided) AS undecided,
        count(*) FILTER (WHERE judged AND NOT undecided) AS decided,
        count(*) AS units,
        count(*) FILTER (WHERE sampled) AS drawn,
        count(*) FILTER (WHERE judged AND overall = 'valid' AND paired AND role = 'main')
            AS main_complete,
        count(*) FILTER (WHERE judged AND undecided AND role = 'main') AS main_undecided,
        count(*) FILTER (WHERE judged AND NOT undecided AND role = 'main') AS main_decided,
        count(*) FILTER (WHERE role = 'main') AS main_units,
        count(*) FILTER (WHERE sampled AND role = 'main') AS main_drawn
    FROM document, LATERAL (SELECT
        sampled AND NOT relayed AS judged,
        overall = 'indeterminate' AND cause IS NOT DISTINCT FROM 'ours' AS undecided
    ) AS so
    WHERE day = ANY ($1::date[]) AND counted AND document_class <> 'archive'
      AND (NOT relayed OR sampled_rate < 1)
    GROUP BY 1, 2, 3, 4, 5, 6
), signature_cluster AS (
    SELECT d.agency_id, d.channel, d.document_class, d.day, d.sampled_rate AS rate,
        CASE WHEN d.sampled_rate < 1 THEN coalesce(d.drawn_with, d.document_uid) END AS cluster,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED') AS passed,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                         AND s.signing_time_source = 'timestamp') AS stamped,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                         AND s.trust_class = 'cong_vu') AS public_service,
        count(*) FILTER (WHERE s.indication = 'INDETERMINATE' AND s.cause = 'ours') AS undecided
    FROM document d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE d.day = ANY ($1::date[]) AND s.day = ANY ($1::date[])
      AND d.counted AND NOT d.relayed AND d.sampled AND s.counts
    GROUP BY 1, 2, 3, 4, 5, 6
), signatures AS (
    SELECT agency_id, channel, document_class, day, rate, stamped, public_service, passed, undecided,
           0 AS units, 0 AS drawn
    FROM signature_cluster WHERE rate = 1
    UNION ALL
    -- How many signatures there are nobody knows of what was not drawn: units are documents.
    SELECT agency_id, channel, document_class, day, rate, coalesce(stamped, 0),
           coalesce(public_service, 0), coalesce(passed, 0), coalesce(s.undecided, 0), units, drawn
    FROM document_cluster d
    LEFT JOIN signature_cluster s USING (agency_id, channel, document_class, day, rate, cluster)
    WHERE rate < 1
), mails AS (
    SELECT sender_agency_id AS agency_id, channel, day, sampled_rate AS rate,
        CASE WHEN sampled_rate < 1 THEN message_uid END AS cluster,
        count(*) FILTER (WHERE judged AND signed) AS good,
        count(*) FILTER (WHERE judged AND NOT signed AND undecided) AS undecided,
        count(*) FILTER (WHERE judged AND (signed OR NOT undecided)) AS decided,
        count(*) AS units,
        count(*) FILTER (WHERE sampled) AS drawn
    FROM message m, LATERAL (SELECT
        sampled AND formal_documents > 0 AS judged,
        overall = 'valid' OR formal_valid = formal_documents AS signed,
        (overall = 'indeterminate' AND cause IS NOT DISTINCT FROM 'ours')
            OR (formal_ours > 0 AND formal_valid + formal_ours = formal_documents) AS undecided
    ) AS so
    WHERE day = ANY ($1::date[])
      AND direction = 'out' AND NOT automatic AND (formal_documents > 0 OR (
          -- All its formal documents turned out to be relayed.
          sampled_rate < 1 AND EXISTS (
              SELECT FROM sending s JOIN document_key k USING (document_uid)
              JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day
              WHERE s.dispatch = m.message_uid AND d.agency_id = m.sender_agency_id
                AND d.document_class = 'formal' AND d.relayed)))
    GROUP BY 1, 2, 3, 4, 5
), fact AS (
    SELECT 'document_signed' AS indicator, agency_id, channel, document_class, '' AS base, day, rate,
           good AS y, decided AS x, undecided AS v, units, drawn
    FROM document_cluster
    UNION ALL
    SELECT 'document_paired', agency_id, channel, document_class, '', day, rate, complete, decided,
           undecided, units, drawn
    FROM document_cluster WHERE channel IN ('docsys', 'axis')
    UNION ALL
    SELECT 'document_paired', agency_id, channel, document_class, 'main', day, rate, main_complete,
           main_decided, main_undecided, main_units, main_drawn
    FROM document_cluster WHERE channel IN ('docsys', 'axis') AND main_units > 0
    UNION ALL
    SELECT 'mail_signed', agency_id, channel, 'formal', '', day, rate, good, decided, undecided,
           units, drawn
    FROM mails
    UNION ALL
    SELECT 'signature_timestamped', agency_id, channel, document_class, '', day, rate, stamped,
           passed, undecided, units, drawn
    FROM signatures
    UNION ALL
    SELECT 'signature_public_service_ca', agency_id, channel, document_class, '', day, rate,
           public_service, passed, undecided, units, drawn
    FROM signatures
)
SELECT indicator, agency_id, channel, document_class, base, day, rate, sum(y), sum(x), sum(v),
       sum(units) FILTER (WHERE rate < 1), sum(drawn) FILTER (WHERE rate < 1),
       count(*) FILTER (WHERE rate < 1), count(*) FILTER (WHERE rate < 1 AND drawn > 0),
       sum(y * y) FILTER (WHERE rate < 1), sum(x * y) FILTER (WHERE rate < 1),
       sum(x * x) FILTER (WHERE rate < 1), sum(x * drawn) FILTER (WHERE rate < 1),
       sum(drawn * drawn) FILTER (WHERE rate < 1)
FROM fact GROUP BY 1, 2, 3, 4, 5, 6, 7
