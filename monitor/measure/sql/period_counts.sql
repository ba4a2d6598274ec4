-- Counts from day $2 to $3, by code of the agency (empty: none known), for closing $1.
WITH verdicts AS (
    INSERT INTO closed_verdict (closing_id, code, channel, document_class, relayed, sampled, overall,
                                cause, documents)
    SELECT $1, a.code, channel, document_class, relayed, sampled, overall, cause, sum(documents)
    FROM verdict_day JOIN agency a USING (agency_id)
    WHERE day BETWEEN $2::date AND $3::date
    GROUP BY a.code, channel, document_class, relayed, sampled, overall, cause
    ORDER BY a.code, channel, document_class, relayed, sampled, overall, cause
), reasons AS (
    INSERT INTO closed_reason (closing_id, code, channel, overall, cause, kind, reason, documents)
    SELECT $1, a.code, channel, overall, cause, kind, reason, sum(documents)
    FROM reason_day JOIN agency a USING (agency_id)
    WHERE day BETWEEN $2::date AND $3::date
    GROUP BY a.code, channel, overall, cause, kind, reason
    ORDER BY a.code, channel, overall, cause, kind, reason
)
INSERT INTO closed_signature (closing_id, code, channel, document_class, format, level, indication,
                              sub_indication, trust_class, time_source, signer_kind, signatures)
SELECT $1, a.code, channel, document_class, format, s.level, indication, sub_indication, trust_class,
       time_source, signer_kind, sum(signatures)
FROM signature_day s JOIN agency a USING (agency_id)
WHERE day BETWEEN $2::date AND $3::date
GROUP BY a.code, channel, document_class, format, s.level, indication, sub_indication, trust_class,
    time_source, signer_kind
ORDER BY a.code, channel, document_class, format, s.level, indication, sub_indication, trust_class,
    time_source, signer_kind
