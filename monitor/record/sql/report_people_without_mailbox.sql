-- People employed on $1 without an enabled account on that day under any of their addresses; the
-- best that they have says why.
WITH best AS (
    SELECT pa.person_id,
        max(CASE ap.state WHEN 'enabled' THEN 3 WHEN 'locked' THEN 2 WHEN 'closed' THEN 1 ELSE 0 END)
            AS rank,
        min(pa.address_id) FILTER (WHERE ap.state = 'locked') AS locked,
        min(pa.address_id) FILTER (WHERE ap.state = 'closed') AS closed,
        min(pa.address_id) AS any_address
    FROM person_address pa
    LEFT JOIN account_address aa
        ON aa.address_id = pa.address_id AND $1::date BETWEEN aa.first_day AND aa.last_day
    LEFT JOIN account_period ap
        ON ap.account_id = aa.account_id AND $1 BETWEEN ap.first_day AND ap.last_day
    WHERE $1 BETWEEN pa.first_day AND pa.last_day
        AND ($2::integer IS NULL OR pa.person_id IN (
            SELECT e.person_id FROM employment e JOIN agency_holder($1) h USING (agency_id)
            WHERE h.holder_id = $2
        ))
    GROUP BY pa.person_id
)
INSERT INTO report_row (agency_id, person_id, address_id, role, why, day, days)
SELECT h.holder_id, e.person_id, coalesce(b.locked, b.closed, b.any_address), e.role,
    CASE b.rank WHEN 2 THEN 'locked' WHEN 1 THEN 'closed' WHEN 0 THEN 'no_account'
        ELSE 'no_address' END,
    e.first_day, $1 - e.first_day
FROM employment e
JOIN agency_holder($1) h USING (agency_id)
LEFT JOIN best b USING (person_id)
WHERE $1 BETWEEN e.first_day AND e.last_day
    AND ($2 IS NULL OR h.holder_id = $2)
    AND b.rank IS DISTINCT FROM 3;
