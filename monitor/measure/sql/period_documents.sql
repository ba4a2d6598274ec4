-- Formal documents that agencies issued from day $1 to $2 and that do not count as signed by them, or
-- not as complete where the pair is asked for; lacking: which signature a good one of these lacks.
INSERT INTO period_document
WITH failing AS MATERIALIZED (
    SELECT a.code, d.document_uid, channel, day, first_at, number, notation, issued_on, file_name,
           content_hash, overall, cause, kind, integrity, trust, findings,
           CASE WHEN NOT (overall = 'valid' AND signed_by_issuer) THEN NULL
                WHEN organisation_signed THEN 'rule:person_missing'
                ELSE 'rule:organisation_missing' END AS lacking
    FROM document d JOIN agency a USING (agency_id)
    WHERE day BETWEEN $1::date AND $2::date AND document_class = 'formal' AND counted
      AND NOT relayed AND sampled AND agency_id <> 0
      AND NOT (overall = 'valid' AND signed_by_issuer
               AND (channel NOT IN ('docsys', 'axis') OR paired
                    OR role <> 'main' AND organisation_signed))
), marks AS (
    SELECT s.owner_uid AS document_uid, json_agg(json_build_object(
            'format', 'any', 'indication', s.indication, 'sub_indication', s.sub_indication,
            'cause', s.cause, 'integrity', s.integrity, 'trust', s.trust, 'counts', s.counts,
            'coverage', s.coverage, 'findings', s.findings) ORDER BY s.ordinal) AS signatures
    FROM failing f JOIN signature s ON s.owner_uid = f.document_uid AND s.day = f.day
    WHERE s.owner = 'document' AND s.day BETWEEN $1::date AND $2::date
    GROUP BY 1
)
SELECT code, document_uid, channel, day, first_at, number, notation, issued_on, file_name,
    content_hash, overall, cause, json_build_object(
        'path', '', 'kind', kind, 'overall', overall, 'cause', cause, 'integrity', integrity,
        'trust', trust, 'findings', findings, 'signatures', coalesce(signatures, '[]'::json))::text,
    lacking
FROM failing LEFT JOIN marks USING (document_uid)
