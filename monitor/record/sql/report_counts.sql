-- How many rows each agency has in the report, by code; "" is none of that day.
SELECT a.code, coalesce(p.name, a.name) AS name, count(*) AS rows
FROM report_row r
JOIN agency a USING (agency_id)
LEFT JOIN agency_period p
    ON p.agency_id = r.agency_id AND $1::date BETWEEN p.first_day AND p.last_day
GROUP BY 1, 2
ORDER BY 1;
