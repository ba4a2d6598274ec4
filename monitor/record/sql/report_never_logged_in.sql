-- Accounts enabled on $1 of which, for at least $3 days since they were made, no log-on by whatever
-- way and no mail is known, nor does the mail system itself report one, as far as `evidence` reaches.
INSERT INTO report_row (agency_id, address_id, kind, source, day, days)
SELECT h.holder_id, a.address_id, ap.kind, a.source, a.created_on,
    $1::date - coalesce(a.created_on, ap.first_day)
FROM account_period ap
JOIN agency_holder($1) h USING (agency_id)
JOIN account a USING (account_id)
JOIN evidence v USING (source)
LEFT JOIN used u USING (account_id)
WHERE $1 BETWEEN ap.first_day AND ap.last_day
    AND ap.state = 'enabled' AND ap.kind <> 'system'
    AND ($2::integer IS NULL OR h.holder_id = $2)
    AND u.last_human IS NULL AND u.last_other IS NULL AND a.reported_login IS NULL
    AND v.until_day - greatest(coalesce(a.created_on, ap.first_day), v.from_day) >= $3::integer;
