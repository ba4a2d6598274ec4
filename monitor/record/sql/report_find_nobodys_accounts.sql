-- Fills `nobodys` for day $1 ($2: with accounts of this agency alone).
WITH held AS (
    SELECT aa.account_id
    FROM employment e
    JOIN person_address pa USING (person_id)
    JOIN account_address aa USING (address_id)
    WHERE $1::date BETWEEN e.first_day AND e.last_day
        AND $1 BETWEEN pa.first_day AND pa.last_day
        AND $1 BETWEEN aa.first_day AND aa.last_day
), free AS (
    SELECT ap.account_id, ap.state, h.holder_id
    FROM account_period ap JOIN agency_holder($1) h USING (agency_id)
    WHERE $1 BETWEEN ap.first_day AND ap.last_day
        AND ap.kind = 'personal' AND ap.state <> 'closed'
        AND ($2::integer IS NULL OR h.holder_id = $2)
        AND NOT EXISTS (SELECT FROM held WHERE held.account_id = ap.account_id)
), last_holder AS (
    SELECT DISTINCT ON (f.account_id) f.account_id, pa.person_id
    FROM free f
    JOIN account_address aa
        ON aa.account_id = f.account_id AND $1 BETWEEN aa.first_day AND aa.last_day
    JOIN person_address pa ON pa.address_id = aa.address_id AND pa.first_day <= $1
    ORDER BY f.account_id, pa.last_day DESC, pa.first_day DESC, pa.person_id
), employed AS (
    SELECT DISTINCT ON (e.person_id) e.person_id, h.holder_id, e.last_day
    FROM employment e JOIN agency_holder($1) h USING (agency_id)
    WHERE e.first_day <= $1 AND e.person_id IN (SELECT l.person_id FROM last_holder l)
    ORDER BY e.person_id, e.last_day DESC
)
INSERT INTO nobodys
SELECT a.address_id, f.holder_id, f.state, a.source, a.created_on, l.person_id, e.holder_id,
    CASE WHEN e.last_day < $1 THEN e.last_day END, e.last_day >= $1
FROM free f
JOIN account a USING (account_id)
LEFT JOIN last_holder l USING (account_id)
LEFT JOIN employed e USING (person_id);
