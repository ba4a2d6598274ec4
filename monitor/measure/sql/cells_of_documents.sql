-- Which documents a closing ($3) counts on the given days ($1), and as what; $2 as in dispatch_times.
INSERT INTO closed_cell (closing_id, what, agency_id, channel, day, uids, states)
WITH
-- :include dispatch_times
, dispatch AS (
    SELECT document_uid,
        max(outcome) FILTER (WHERE base = '') AS outcome,
        max(outcome) FILTER (WHERE base = 'observed') AS observed
    FROM told, LATERAL (SELECT CASE WHEN undecided THEN 3 WHEN good THEN 2 ELSE 1 END) AS o (outcome)
    WHERE judged GROUP BY 1
), counted AS MATERIALIZED (
    SELECT document_uid, day, agency_id, channel, document_class, relayed, signed_by_issuer, paired,
        organisation_signed, role, sampled, sampled_rate, overall, cause, findings
    FROM document WHERE day = ANY ($1::date[]) AND counted
), signed AS (
    SELECT d.document_uid,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED') AS passed,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                         AND s.signing_time_source = 'timestamp') AS stamped,
        count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                         AND s.trust_class = 'cong_vu') AS public_service,
        string_agg(ROW(s.format, s.level, s.indication, s.sub_indication, s.cause, s.trust_class,
                       s.signing_time_source, s.signer_kind)::text, ' ' ORDER BY s.ordinal) AS words
    FROM counted d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE s.day = ANY ($1::date[]) AND s.owner = 'document' AND s.counts
    GROUP BY 1
), fact AS MATERIALIZED (
    -- So that what is sorted is narrow.
    SELECT d.agency_id, d.channel, d.day, d.document_uid AS uid, document_state(
            d.overall, d.cause, d.document_class, d.relayed, d.signed_by_issuer, d.paired,
            d.organisation_signed, d.role, d.sampled, d.sampled_rate, coalesce(t.outcome, 0),
            coalesce(t.observed, 0), coalesce(s.passed, 0), coalesce(s.stamped, 0),
            coalesce(s.public_service, 0),
            ROW(d.sampled_rate, d.findings, s.words)::text) AS state
    FROM counted d LEFT JOIN dispatch t USING (document_uid) LEFT JOIN signed s USING (document_uid)
)
SELECT $3, 'document', agency_id, channel, day, array_agg(uid ORDER BY uid),
       array_agg(state ORDER BY uid)
FROM fact GROUP BY agency_id, channel, day
