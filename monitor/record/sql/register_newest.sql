-- Until which day each listed agency's register of documents sent is given; null where it never was.
SELECT a.code, max(s.last_day) AS last_day
FROM agency a LEFT JOIN register_span s ON s.agency_id = a.agency_id AND s.direction = 'out'
WHERE a.listed AND a.agency_id <> 0
GROUP BY 1 ORDER BY 1
