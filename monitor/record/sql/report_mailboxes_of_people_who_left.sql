-- Still enabled on $1; whether anybody used it after that person left is added afterwards.
INSERT INTO report_row (agency_id, person_id, address_id, why, state, source, day, days)
SELECT n.left_agency_id, n.person_id, n.address_id, 'unused', n.state, n.source, n.left_on,
    $1::date - n.left_on
FROM nobodys n
WHERE n.left_on IS NOT NULL AND n.state = 'enabled'
    AND ($2::integer IS NULL OR n.left_agency_id = $2);
