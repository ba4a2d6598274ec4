-- How many of each kind, by agency.
SELECT a.code AS agency, a.name, count(*) FILTER (WHERE c.what = 'added') AS added,
    count(*) FILTER (WHERE c.what = 'changed') AS changed,
    count(*) FILTER (WHERE c.what = 'gone') AS gone,
    count(*) FILTER (WHERE c.what = 'unchanged') AS unchanged
FROM (
    SELECT k.agency_id, p.what FROM plan p JOIN kept k USING (n)
    UNION ALL
    SELECT e.agency_id, 'gone' FROM gone JOIN register_entry e USING (entry_id)
) c
JOIN agency a USING (agency_id)
GROUP BY a.code, a.name ORDER BY a.code
