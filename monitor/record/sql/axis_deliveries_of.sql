-- $1 message   $2 today   $3 working days to take up
SELECT d.*, d.state IN ('sent', 'arrived')
                AND d.day < working_day_before($2::date, $3::integer) AS late
FROM axis_delivery d
WHERE d.axis_uid = $1
ORDER BY d.agency, d.organ_code
