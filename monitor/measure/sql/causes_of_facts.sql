-- Which facts are not what they were in the closing before ($1), and why ($2 the one after).
--
-- $3 when the one before was closed   $4 whether the rule of dispatch, or the calendar, is another
--
-- Cells that are equal are not looked into. A mail whose agency is another counts for both. Bits of
-- states: document_state, message_state, register_state; of correspondence, whether it used free mail
-- (another copy, or an origin that was found later, says so).
INSERT INTO closed_change (closing_id, code, channel, what, why, facts)
WITH cell AS (
    SELECT what, agency_id, channel, day, b.uids AS old_uids, b.states AS old_states,
        a.uids AS new_uids, a.states AS new_states
    FROM (SELECT * FROM closed_cell WHERE closing_id = $1) AS b
    FULL JOIN (SELECT * FROM closed_cell WHERE closing_id = $2) AS a
        USING (what, agency_id, channel, day)
    WHERE (b.uids, b.states) IS DISTINCT FROM (a.uids, a.states)
), before AS (
    SELECT what, agency_id, channel, day, u.uid, u.state
    FROM cell, unnest(old_uids, old_states) AS u (uid, state)
), after AS (
    SELECT what, agency_id, channel, day, u.uid, u.state
    FROM cell, unnest(new_uids, new_states) AS u (uid, state)
), fact AS (
    SELECT what, uid, b.agency_id AS old_agency, a.agency_id AS new_agency,
        coalesce(a.channel, b.channel) AS channel, b.state AS old, a.state AS new,
        b.state # a.state AS bits
    FROM before b FULL JOIN after a USING (what, uid)
    WHERE (b.agency_id, b.channel, b.day, b.state)
        IS DISTINCT FROM (a.agency_id, a.channel, a.day, a.state)
), told AS (
    SELECT f.*, CASE
        WHEN what = 'register' THEN
            CASE WHEN old & 4 = 0 AND new & 4 = 4 THEN 'late' ELSE 'register_changed' END
        WHEN old IS NULL THEN 'late'
        WHEN new IS NULL THEN 'withdrawn'
        WHEN what = 'correspondence' THEN 'late'
        WHEN old_agency <> new_agency THEN 'attribution_changed'
        WHEN bits & 7 <> 0 OR what = 'message' AND bits & 56 <> 0 THEN 'verdict_changed'
        WHEN what = 'message' THEN 'late'
        WHEN EXISTS (SELECT FROM verdict_change v WHERE v.uid = f.uid AND v.at > $3)
            THEN 'verdict_changed'
        WHEN bits & 504 <> 0 THEN 'attribution_changed'
        WHEN bits >> 17 <> 0 THEN 'verdict_changed'
        WHEN bits & 1536 <> 0 THEN 'register_changed'
        WHEN bits & 122880 <> 0 AND $4 THEN 'settings_changed'
        WHEN bits & 122880 <> 0 AND bits & 98304 = 0 THEN 'register_changed'
        ELSE 'late' END AS why
    FROM fact f
), whose AS (
    SELECT DISTINCT t.what, t.uid, t.channel, t.why, w.agency_id
    FROM told t, LATERAL (VALUES (old_agency), (new_agency)) AS w (agency_id)
    WHERE w.agency_id IS NOT NULL
)
SELECT $2, g.code, w.channel, w.what, w.why, count(*)
FROM whose w JOIN agency g USING (agency_id)
GROUP BY g.code, w.channel, w.what, w.why
