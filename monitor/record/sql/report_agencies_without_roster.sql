-- Agencies that have accounts on $1 and not one person on any list.
SELECT DISTINCT g.code
FROM account_period ap
JOIN agency_holder($1::date) h USING (agency_id)
JOIN agency g ON g.agency_id = h.holder_id
WHERE $1 BETWEEN ap.first_day AND ap.last_day AND ap.kind = 'personal' AND ap.state <> 'closed'
    AND ($2::integer IS NULL OR h.holder_id = $2)
    AND NOT EXISTS (
        SELECT FROM employment e JOIN agency_holder($1) o ON o.agency_id = e.agency_id
        WHERE $1 BETWEEN e.first_day AND e.last_day AND o.holder_id = h.holder_id
    )
ORDER BY 1;
