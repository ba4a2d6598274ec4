-- Fills `held` for day $1.
INSERT INTO held
SELECT e.person_id, h.holder_id, e.role, p.source,
    coalesce(a.address_id, pa.address_id), aa.account_id, ap.state
FROM employment e
JOIN agency_holder($1::date) h USING (agency_id)
JOIN person p USING (person_id)
JOIN person_address pa USING (person_id)
LEFT JOIN account_address aa
    ON aa.address_id = pa.address_id AND $1 BETWEEN aa.first_day AND aa.last_day
LEFT JOIN account a ON a.account_id = aa.account_id
LEFT JOIN account_period ap
    ON ap.account_id = aa.account_id AND $1 BETWEEN ap.first_day AND ap.last_day
WHERE $1 BETWEEN e.first_day AND e.last_day AND $1 BETWEEN pa.first_day AND pa.last_day
    AND coalesce(ap.kind, 'personal') = 'personal';
