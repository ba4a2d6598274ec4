-- What has signed validly in the 90 days up to $1 (a Vietnam day) and ends within the 90 after it. What
-- is done with `used` and `ending` follows in another file.
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
)
