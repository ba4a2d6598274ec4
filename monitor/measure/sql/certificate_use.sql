-- Makes certificate_use say what has signed validly in the last 90 days and ends within the next 90,
-- and gives for every agency whose certificates are known how many end within 7, 30 and 90 days.
-- $1 today (Vietnam day)
--
-- A certificate that has ended is not counted, nor one that its signer has since replaced: by another
-- that ends later and signs validly. What an agency signed that is no longer in force is its heir's.
WITH used AS MATERIALIZED (
    SELECT s.certificate_sha256, h.holder_id AS agency_id, max(s.signer_ref) AS signer_ref,
           max(s.signer_kind) AS signer_kind, max(s.trust_class) AS trust_class,
           max(s.certificate_not_after) AS not_after, max(s.day) AS last_used, count(*) AS signatures
    FROM signature s JOIN agency_holder($1::date) h ON h.agency_id = s.signer_agency_id
    WHERE s.day BETWEEN $1::date - 90 AND $1::date AND s.owner = 'document' AND s.counts
      AND s.indication = 'TOTAL-PASSED' AND s.signer_agency_id <> 0 AND h.holder_id <> 0
      AND s.certificate_sha256 IS NOT NULL AND s.certificate_not_after IS NOT NULL
    GROUP BY 1, 2
), ending AS MATERIALIZED (
    SELECT u.*, u.signer_ref IS NOT NULL AND u.not_after < n.newest AS replaced,
           vietnam_day(u.not_after) - $1::date AS days_left
    FROM used u LEFT JOIN (
        SELECT signer_ref, max(not_after) AS newest FROM used WHERE signer_ref IS NOT NULL GROUP BY 1
    ) AS n USING (signer_ref)
    WHERE vietnam_day(u.not_after) BETWEEN $1::date AND $1::date + 90
), gone AS (
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
