-- Which entries of registers a closing ($2) counts on the given days ($1), and as what.
INSERT INTO closed_cell (closing_id, what, agency_id, channel, day, uids, states)
WITH
-- :include register_ways
, fact AS (
    SELECT agency_id, day, register_state(way, captured) AS state,
        ('00000000-0000-0000-0000-' || lpad(to_hex(entry_id), 12, '0'))::uuid AS uid
    FROM sent
)
SELECT $2, 'register', agency_id, 'docsys', day, array_agg(uid ORDER BY uid),
       array_agg(state ORDER BY uid)
FROM fact GROUP BY agency_id, day
