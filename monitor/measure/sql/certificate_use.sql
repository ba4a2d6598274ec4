-- Makes certificate_use say what certificates_ending.sql found, and gives for every agency whose
-- certificates are known how many end within 7, 30 and 90 days.
, gone AS (
    DELETE FROM certificate_use c WHERE NOT EXISTS (
        SELECT FROM ending e
        WHERE e.certificate_sha256 = c.certificate_sha256 AND e.agency_id = c.agency_id)
), stored AS (
    INSERT INTO certificate_use AS c (certificate_sha256, agency_id, signer_kind, trust_class,
        not_after, last_used, signatures, replaced)
    SELECT certificate_sha256, agency_id, signer_kind, trust_class, not_after, last_used, signatures,
           replaced
    FROM ending
    ON CONFLICT (certificate_sha256, agency_id) DO UPDATE SET
        signer_kind = excluded.signer_kind, trust_class = excluded.trust_class,
        not_after = excluded.not_after, last_used = excluded.last_used,
        signatures = excluded.signatures, replaced = excluded.replaced
    WHERE (c.signer_kind, c.trust_class, c.not_after, c.last_used, c.signatures, c.replaced)
        IS DISTINCT FROM (excluded.signer_kind, excluded.trust_class, excluded.not_after,
                          excluded.last_used, excluded.signatures, excluded.replaced)
)
SELECT a.code AS agency, w.days AS within,
       count(e.agency_id) FILTER (WHERE e.days_left <= w.days AND NOT e.replaced) AS certificates
FROM (SELECT DISTINCT agency_id FROM used) AS u
JOIN agency a USING (agency_id)
CROSS JOIN (VALUES (7), (30), (90)) AS w (days)
LEFT JOIN ending e USING (agency_id)
GROUP BY 1, 2
ORDER BY 1, 2
