-- People employed on $1 without an enabled account on that day under any of their addresses.
WITH provisioned AS (
    SELECT pa.person_id
    FROM person_address pa
    JOIN account_address aa USING (address_id)
    JOIN account_period ap USING (account_id)
    WHERE $1::date BETWEEN pa.first_day AND pa.last_day
        AND $1 BETWEEN aa.first_day AND aa.last_day
        AND $1 BETWEEN ap.first_day AND ap.last_day
        AND ap.state = 'enabled'
), without AS (
    SELECT e.person_id, e.role, e.first_day, h.holder_id
    FROM employment e JOIN agency_holder($1) h USING (agency_id)
    WHERE $1 BETWEEN e.first_day AND e.last_day
        AND ($2::integer IS NULL OR h.holder_id = $2)
        AND NOT EXISTS (SELECT FROM provisioned p WHERE p.person_id = e.person_id)
), best AS (
    SELECT DISTINCT ON (pa.person_id) pa.person_id, pa.address_id, ap.state
    FROM person_address pa
    LEFT JOIN account_address aa
        ON aa.address_id = pa.address_id AND $1 BETWEEN aa.first_day AND aa.last_day
    LEFT JOIN account_period ap
        ON ap.account_id = aa.account_id AND $1 BETWEEN ap.first_day AND ap.last_day
    WHERE $1 BETWEEN pa.first_day AND pa.last_day
        AND pa.person_id IN (SELECT w.person_id FROM without w)
    ORDER BY pa.person_id, ap.state DESC NULLS LAST, pa.address_id
)
INSERT INTO report_row (agency_id, person_id, address_id, role, why, day, days)
SELECT w.holder_id, w.person_id, b.address_id, w.role,
    CASE WHEN b.person_id IS NULL THEN 'no_address' ELSE coalesce(b.state, 'no_account') END,
    w.first_day, $1 - w.first_day
FROM without w LEFT JOIN best b USING (person_id);
