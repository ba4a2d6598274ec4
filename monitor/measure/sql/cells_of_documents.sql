-- Which documents a closing ($3) counts on the given days ($1), and as what; $2 as in dispatch_told.
-- A month of them is read and sorted once, and kept narrow: what each counts as stands in its state.
INSERT INTO closed_cell (closing_id, what, agency_id, channel, day, uids, states)
WITH counted AS MATERIALIZED (
    SELECT document_uid, day, agency_id, channel, relayed, sampled, sampled_rate,
        CASE WHEN dispatch_known THEN first_at END AS met_at, findings,
        overall = 'indeterminate' AND cause IS NOT DISTINCT FROM 'ours' AS open,
-- :include dispatch_units
        AS dispatched,
        verdict_state(overall, cause) + document_state(document_class, relayed, signed_by_issuer,
            paired, organisation_signed, role, sampled, sampled_rate) AS state
    FROM document WHERE day = ANY ($1::date[]) AND counted
), signed AS (
    SELECT d.document_uid,
        signature_state(
            count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'),
            count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                             AND s.signing_time_source = 'timestamp'),
            count(*) FILTER (WHERE s.indication = 'TOTAL-PASSED'
                             AND s.trust_class = 'cong_vu')) AS state,
        string_agg(ROW(s.format, s.level, s.indication, s.sub_indication, s.cause, s.trust_class,
                       s.signing_time_source, s.signer_kind)::text, ' ' ORDER BY s.ordinal) AS words,
        vietnam_day(max(s.signing_time) FILTER (WHERE
-- :include dispatch_stamp
        )) AS stamped_on
    FROM counted d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE s.day = ANY ($1::date[]) AND s.owner = 'document' AND s.counts
    GROUP BY 1
), dated AS MATERIALIZED (
    SELECT d.document_uid, d.day, d.agency_id, d.channel, d.relayed, d.sampled, d.sampled_rate,
        d.met_at, d.open, d.dispatched, s.stamped_on,
        d.state + coalesce(s.state, 0)
            + digest_state(ROW(d.sampled_rate, d.findings, s.words)::text) AS state
    FROM counted d LEFT JOIN signed s USING (document_uid)
), unit AS (
    SELECT document_uid FROM counted WHERE dispatched
), issued AS (
    SELECT * FROM dated WHERE dispatched
),
-- :include dispatch_told
, fact AS (
    SELECT agency_id, channel, day, document_uid AS uid, state + dispatch_state(
        CASE WHEN NOT (known AND judged) THEN 0 WHEN undecided THEN 3 WHEN good THEN 2 ELSE 1 END,
        CASE WHEN NOT (seen AND seen_judged) THEN 0 WHEN seen_undecided THEN 3
             WHEN seen_good THEN 2 ELSE 1 END) AS state
    FROM told
    UNION ALL SELECT agency_id, channel, day, document_uid, state FROM dated WHERE NOT dispatched
)
SELECT $3, 'document', agency_id, channel, day, array_agg(uid ORDER BY uid),
       array_agg(state ORDER BY uid)
FROM fact GROUP BY agency_id, channel, day
