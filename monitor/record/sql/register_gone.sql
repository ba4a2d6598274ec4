-- Only what the same source gave last can be missing in a list of it. An entry whose identifier has
-- a number of its own now is not there any more in any case.
INSERT INTO present
SELECT e.entry_id
FROM terms t
CROSS JOIN (SELECT DISTINCT agency_id FROM kept) a
JOIN register_entry e ON e.agency_id = a.agency_id AND e.direction = t.direction
    AND e.day BETWEEN t.first_day AND t.last_day AND e.gone_run_id IS NULL
JOIN import_run i ON i.run_id = e.run_id AND i.source = t.source
WHERE t.whole;

ANALYZE present;

INSERT INTO gone
SELECT entry_id FROM present LEFT JOIN plan p USING (entry_id)
WHERE (SELECT missing_is_gone FROM terms) AND p.entry_id IS NULL
UNION
SELECT e.entry_id
FROM (
    SELECT k.agency_id, k.year, k.external_id FROM kept k JOIN plan p USING (n)
    WHERE k.external_id IS NOT NULL
    GROUP BY k.agency_id, k.year, k.external_id HAVING count(*) = 1 AND min(p.what) = 'added'
) k
JOIN register_entry e USING (agency_id, year, external_id)
JOIN import_run i ON i.run_id = e.run_id
JOIN terms t ON t.direction = e.direction AND t.source = i.source
LEFT JOIN plan p USING (entry_id)
WHERE p.entry_id IS NULL AND e.gone_run_id IS NULL AND i.as_of <= t.as_of
