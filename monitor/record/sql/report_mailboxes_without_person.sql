-- Agencies without any roster on $1 are left out: of them nobody knows whose a mailbox is.
INSERT INTO report_row (agency_id, person_id, address_id, why, state, source, day, days)
SELECT n.holder_id, n.person_id, n.address_id,
    CASE
        WHEN n.person_id IS NULL THEN 'never_anybodys'
        WHEN n.employed THEN 'given_up'
        ELSE 'not_yet_employed'
    END,
    n.state, n.source, n.created_on, $1::date - n.created_on
FROM nobodys n
WHERE n.left_on IS NULL
    AND ($2::integer IS NULL OR n.holder_id = $2)
    AND n.holder_id IN (
        SELECT h.holder_id FROM employment e JOIN agency_holder($1) h USING (agency_id)
        WHERE $1 BETWEEN e.first_day AND e.last_day
    );
