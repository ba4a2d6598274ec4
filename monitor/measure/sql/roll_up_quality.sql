-- Counts of the given days for panels: verdicts, why they are not valid, signatures, mail. Each row of
-- these days is read once; what was counted of them before is replaced.
WITH counted AS MATERIALIZED (
    SELECT document_uid, day, agency_id, channel, document_class, relayed, sampled, overall, cause,
           findings
    FROM document WHERE day = ANY ($1::date[]) AND counted
), signed AS MATERIALIZED (
    SELECT d.document_uid, d.day, d.agency_id, d.channel, d.document_class, d.overall, d.cause,
           s.format, s.level, s.indication, s.sub_indication, s.trust_class, s.signing_time_source,
           s.signer_kind
    FROM counted d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE s.day = ANY ($1::date[]) AND s.owner = 'document' AND s.counts AND NOT d.relayed
), old_verdicts AS (
    DELETE FROM verdict_day WHERE day = ANY ($1::date[])
), old_reasons AS (
    DELETE FROM reason_day WHERE day = ANY ($1::date[])
), old_signatures AS (
    DELETE FROM signature_day WHERE day = ANY ($1::date[])
), old_mail AS (
    DELETE FROM mail_day WHERE day = ANY ($1::date[])
), verdicts AS (
    INSERT INTO verdict_day
    SELECT day, agency_id, channel, document_class, relayed, sampled, overall, cause, count(*)
    FROM counted GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), reasons AS (
    INSERT INTO reason_day
    SELECT day, agency_id, channel, overall, cause, 'finding', finding, count(*)
    FROM counted, unnest(findings) AS finding
    WHERE document_class = 'formal' AND NOT relayed
    GROUP BY 1, 2, 3, 4, 5, 7
    UNION ALL
    SELECT day, agency_id, channel, overall, cause, 'sub_indication', sub_indication,
           count(DISTINCT document_uid)
    FROM signed WHERE document_class = 'formal' AND sub_indication IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 7
), signatures AS (
    INSERT INTO signature_day
    SELECT day, agency_id, channel, document_class, format, level, indication, sub_indication,
           trust_class, signing_time_source, signer_kind, count(*)
    FROM signed GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
)
INSERT INTO mail_day
SELECT day, sender_agency_id, direction, automatic, count(*)
FROM message
WHERE day = ANY ($1::date[]) AND direction IN ('out', 'internal') AND sender_agency_id <> 0
GROUP BY 1, 2, 3, 4
UNION ALL
SELECT m.day, r.agency_id, 'in', m.automatic, count(*)
FROM message_agency r JOIN message m ON m.message_uid = r.message_uid AND m.day = r.day
WHERE r.day = ANY ($1::date[]) AND m.day = ANY ($1::date[])
GROUP BY 1, 2, 4
