-- What certificates_ending.sql found and no other certificate replaces, for closing $2.
INSERT INTO closed_certificate (closing_id, code, signer_kind, trust_class, ends_on, last_used,
                                certificates, signatures)
SELECT $2, a.code, signer_kind, trust_class, vietnam_day(not_after), last_used, count(*),
       sum(signatures)
FROM ending JOIN agency a USING (agency_id) WHERE NOT replaced
GROUP BY a.code, signer_kind, trust_class, vietnam_day(not_after), last_used
ORDER BY a.code, vietnam_day(not_after), last_used, signer_kind, trust_class
