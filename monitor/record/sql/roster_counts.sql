-- How many of each kind, by agency; who moves is counted where he moves to.
SELECT a.code AS agency, a.name, count(*) FILTER (WHERE p.what = 'added') AS added,
    count(*) FILTER (WHERE p.what = 'changed') AS changed,
    count(*) FILTER (WHERE p.what = 'ended') AS ended,
    count(*) FILTER (WHERE p.what = 'unchanged') AS unchanged
FROM plan p JOIN agency a ON a.agency_id = coalesce(p.agency_id, p.old_agency_id)
GROUP BY a.code, a.name ORDER BY a.code;
