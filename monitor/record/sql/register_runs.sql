-- $1 agency's code or NULL   $2 how many. Imports of registers, the newest first; of one agency those
-- that said something of it.
SELECT r.run_id, r.at, r.source, r.as_of, r.whole, r.actor, r.added, r.changed, r.ended AS gone,
    r.unchanged
FROM import_run r
WHERE r.what = 'register' AND ($1::text IS NULL OR r.run_id IN (
    SELECT unnest(ARRAY[e.first_run_id, e.run_id, e.gone_run_id])
    FROM register_entry e JOIN agency a USING (agency_id) WHERE a.code = $1
    UNION
    SELECT o.run_id FROM register_entry_past o JOIN agency a USING (agency_id) WHERE a.code = $1
    UNION
    SELECT s.run_id FROM register_span s JOIN agency a USING (agency_id) WHERE a.code = $1
))
ORDER BY r.run_id DESC LIMIT $2
