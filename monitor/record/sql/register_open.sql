-- Rows that are in the record as they are, and what is left on both sides to be compared.
INSERT INTO plan (n, entry_id, what, fields)
SELECT DISTINCT ON (k.n) k.n, e.entry_id,
    CASE WHEN e.gone_run_id IS NULL THEN 'unchanged' ELSE 'changed' END,
    CASE WHEN e.gone_run_id IS NULL THEN '{}'::text[] ELSE '{returned}' END
FROM kept k
JOIN register_entry e USING (agency_id, year, number_key, digest)
WHERE e.direction = (SELECT direction FROM terms)
    AND k.n NOT IN (SELECT n FROM conflict)
ORDER BY k.n, e.gone_run_id NULLS FIRST, e.ordinal;

ANALYZE plan;

INSERT INTO open_row
SELECT k.n, k.agency_id, k.year, k.number_key, k.digest, k.day, k.external_id
FROM kept k LEFT JOIN plan p USING (n)
WHERE p.n IS NULL AND k.n NOT IN (SELECT n FROM conflict);

ANALYZE open_row;

INSERT INTO open_entry
SELECT e.entry_id, e.agency_id, e.year, e.number_key, e.digest, e.day, e.external_id, e.ordinal,
    i.source, i.as_of
FROM (SELECT DISTINCT agency_id, year, number_key FROM open_row) r
JOIN register_entry e USING (agency_id, year, number_key)
JOIN import_run i USING (run_id)
LEFT JOIN plan p USING (entry_id)
WHERE e.direction = (SELECT direction FROM terms) AND p.entry_id IS NULL;

ANALYZE open_entry;
