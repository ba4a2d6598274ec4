-- $1 today (Vietnam day)   $2 working days to take up
SELECT w.agency, w.direction,
       CASE WHEN d.state IN ('assigned', 'processing') THEN 'received'
            WHEN d.state IN ('sent', 'arrived') AND d.day < late.before THEN 'late'
            ELSE d.state END AS state,
       count(*) AS deliveries
FROM axis_delivery d
CROSS JOIN (SELECT working_day_before($1::date, $2::integer) AS before) AS late
CROSS JOIN LATERAL (VALUES ('out', d.sender_agency), ('in', d.agency)) AS w (direction, agency)
JOIN agency a ON a.code = w.agency AND a.listed
WHERE d.day BETWEEN $1::date - 30 AND $1::date - 1
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
