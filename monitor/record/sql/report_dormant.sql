-- Accounts enabled on $1 that nobody used for more than $3 days, as far as `evidence` reaches. A
-- log-on that the mail system itself reports may be up to $4 days later than it says. An account
-- that only machines used (a telephone that polls) is among them once it is as old.
WITH enabled AS (
    SELECT h.holder_id, a.address_id, ap.kind, a.source, u.last_human, u.last_other,
        a.reported_login, coalesce(a.created_on, ap.first_day) AS created_on,
        v.from_day, v.until_day,
        greatest(u.last_human, a.reported_login + $4::integer) AS last_use
    FROM account_period ap
    JOIN agency_holder($1::date) h USING (agency_id)
    JOIN account a USING (account_id)
    JOIN evidence v USING (source)
    LEFT JOIN used u USING (account_id)
    WHERE $1 BETWEEN ap.first_day AND ap.last_day
        AND ap.state = 'enabled' AND ap.kind <> 'system'
        AND ($2::integer IS NULL OR h.holder_id = $2)
)
INSERT INTO report_row
    (agency_id, address_id, kind, source, why, day, days, last_human, last_other, reported)
SELECT holder_id, address_id, kind, source,
    CASE WHEN last_use IS NULL THEN 'machines_only' ELSE 'unused' END,
    created_on, $1 - greatest(last_human, reported_login),
    last_human, last_other, reported_login
FROM enabled
WHERE (last_use IS NOT NULL OR last_other IS NOT NULL)
    AND until_day - coalesce(last_use, greatest(created_on, from_day)) > $3::integer;
