-- Accounts enabled on $1 without any sign of use, by a person or a machine, for more than $3 days,
-- as far as `evidence` reaches. A log-on that the mail system itself reports may be up to $4 days
-- later than it says.
WITH enabled AS (
    SELECT h.holder_id, a.address_id, ap.kind, a.source, u.last_human, u.last_other,
        a.reported_login, v.until_day,
        greatest(u.last_human, u.last_other, a.reported_login + $4::integer) AS last_use
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
    (agency_id, address_id, kind, source, days, last_human, last_other, reported)
SELECT holder_id, address_id, kind, source, $1 - greatest(last_human, last_other, reported_login),
    last_human, last_other, reported_login
FROM enabled
WHERE until_day - last_use > $3::integer;
