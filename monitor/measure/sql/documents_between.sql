-- Facts of formal documents from $1 to $2, all channels together, but for those that need a register,
-- which may not reach over all these days; $3 a code of an agency or null,
-- $4 a level on the last day or null, $5 ids of the only agencies that count or null.
SELECT f.indicator, sum(f.numerator)::bigint AS numerator, sum(f.denominator)::bigint AS denominator
FROM day_fact f JOIN agency a USING (agency_id)
WHERE f.day BETWEEN $1::date AND $2::date AND f.document_class = 'formal' AND f.agency_id <> 0
  AND f.base = ''
  AND f.indicator NOT IN ('document_electronic', 'document_parallel_paper', 'document_paperless')
  AND ($3::text IS NULL OR a.code = $3)
  AND ($4::text IS NULL OR EXISTS (
      SELECT FROM agency_period p
      WHERE p.agency_id = f.agency_id AND p.level = $4 AND f.day BETWEEN p.first_day AND p.last_day))
  AND ($5::integer[] IS NULL OR f.agency_id = ANY ($5))
GROUP BY 1
