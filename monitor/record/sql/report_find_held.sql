-- Fills `held` for day $1 with what may be there twice: the addresses of people who have several,
-- and those that lead, with others, to one account.
WITH pair AS MATERIALIZED (
    SELECT pa.person_id, pa.address_id, aa.account_id,
        coalesce(aa.account_id, -pa.address_id) AS mailbox
    FROM person_address pa
    LEFT JOIN account_address aa
        ON aa.address_id = pa.address_id AND $1::date BETWEEN aa.first_day AND aa.last_day
    WHERE $1 BETWEEN pa.first_day AND pa.last_day
), suspect AS MATERIALIZED (
    SELECT * FROM pair
    WHERE person_id IN (SELECT person_id FROM pair GROUP BY 1 HAVING count(*) > 1)
        OR mailbox IN (SELECT mailbox FROM pair GROUP BY 1 HAVING count(*) > 1)
)
INSERT INTO held
SELECT e.person_id, h.holder_id, e.role, p.source, coalesce(a.address_id, s.address_id),
    s.account_id, ap.state
FROM suspect s
JOIN employment e ON e.person_id = s.person_id AND $1 BETWEEN e.first_day AND e.last_day
JOIN agency_holder($1) h USING (agency_id)
JOIN person p ON p.person_id = s.person_id
LEFT JOIN account a USING (account_id)
LEFT JOIN account_period ap
    ON ap.account_id = s.account_id AND $1 BETWEEN ap.first_day AND ap.last_day
WHERE coalesce(ap.kind, 'personal') = 'personal';
