-- $1 today (Vietnam day)   $2 working days to take up
SELECT a.code AS agency, w.direction,
       CASE WHEN d.state IN ('assigned', 'processing') THEN 'received'
            WHEN d.state IN ('sent', 'arrived') AND d.day < due.before THEN 'late'
            ELSE d.state END AS state,
       count(*) AS deliveries
FROM axis_delivery d
CROSS JOIN (SELECT working_day_before($1::date, $2::integer) AS before) AS due
CROSS JOIN LATERAL (VALUES ('out', d.sender_agency_id), ('in', d.agency_id))
    AS w (direction, agency_id)
JOIN agency a ON a.agency_id = w.agency_id AND a.listed AND a.agency_id <> 0
WHERE d.day BETWEEN $1::date - 30 AND $1::date - 1
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
