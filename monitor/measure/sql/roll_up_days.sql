-- Facts of the given days per agency, channel and class; every row of these days is read once.
--
-- Relayed documents, unopened archives, automatic, internal and incoming mail are in no ratio; what is
-- indeterminate by our own lack of data is undecided and in neither numerator nor denominator (DESIGN
-- "Indicators").
--
-- document_paired has a second series, base 'main', without appendices and copies: whether a document
-- is one is mostly its agency's own word, and the weaker rule helps its figure.
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, numerator,
                      denominator, undecided)
WITH document_fact AS (
    SELECT agency_id, channel, document_class, day,
        count(*) FILTER (WHERE overall = 'valid' AND signed_by_issuer) AS good,
        count(*) FILTER (WHERE overall = 'valid' AND (
            paired OR role <> 'main' AND organisation_signed)) AS complete,
        count(*) FILTER (WHERE overall = 'indeterminate' AND cause = 'ours') AS undecided,
        count(*) AS units,
        count(*) FILTER (WHERE overall = 'valid' AND paired AND role = 'main') AS main_complete,
        count(*) FILTER (WHERE overall = 'indeterminate' AND cause = 'ours' AND role = 'main')
            AS main_undecided,
        count(*) FILTER (WHERE role = 'main') AS main_units
    FROM document
    WHERE day = ANY ($1::date[]) AND counted AND NOT relayed AND document_class <> 'archive'
    GROUP BY 1, 2, 3, 4
), signature_fact AS (
    SELECT d.agency_id, d.channel, d.document_class, d.day,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED') AS passed,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                         AND s.signing_time_source = 'timestamp') AS stamped,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                         AND s.trust_class = 'cong_vu') AS public_service,
        count(*) FILTER (WHERE s.indication = 'INDETERMINATE' AND s.cause = 'ours') AS undecided
    FROM document d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE d.day = ANY ($1::date[]) AND s.day = ANY ($1::date[])
      AND d.counted AND NOT d.relayed AND s.counts
    GROUP BY 1, 2, 3, 4
), mail_fact AS (
    SELECT sender_agency_id AS agency_id, channel, day,
        count(*) FILTER (WHERE signed) AS good,
        count(*) FILTER (WHERE NOT signed AND undecided) AS undecided,
        count(*) AS units
    FROM message, LATERAL (SELECT
        overall = 'valid' OR formal_valid = formal_documents AS signed,
        (overall = 'indeterminate' AND cause IS NOT DISTINCT FROM 'ours')
            OR (formal_ours > 0 AND formal_valid + formal_ours = formal_documents) AS undecided
    ) AS judged
    WHERE day = ANY ($1::date[])
      AND direction = 'out' AND NOT automatic AND formal_documents > 0
    GROUP BY 1, 2, 3
)
SELECT 'document_signed', agency_id, channel, document_class, '', day, good, units - undecided,
       undecided
FROM document_fact
UNION ALL
SELECT 'document_paired', agency_id, channel, document_class, '', day, complete,
       units - undecided, undecided
FROM document_fact WHERE channel IN ('docsys', 'axis')
UNION ALL
SELECT 'document_paired', agency_id, channel, document_class, 'main', day, main_complete,
       main_units - main_undecided, main_undecided
FROM document_fact WHERE channel IN ('docsys', 'axis') AND main_units > 0
UNION ALL
SELECT 'mail_signed', agency_id, channel, 'formal', '', day, good, units - undecided, undecided
FROM mail_fact
UNION ALL
SELECT 'signature_timestamped', agency_id, channel, document_class, '', day, stamped, passed,
       undecided
FROM signature_fact
UNION ALL
SELECT 'signature_public_service_ca', agency_id, channel, document_class, '', day,
       public_service, passed, undecided
FROM signature_fact
