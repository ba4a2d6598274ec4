-- Until which day the register of documents sent is given of each agency that is in force; null where
-- it never was.
SELECT a.code, max(s.last_day) AS last_day
FROM agency a JOIN agency_period p USING (agency_id)
LEFT JOIN register_span s ON s.agency_id = a.agency_id AND s.direction = 'out'
WHERE a.listed AND vietnam_day(now()) BETWEEN p.first_day AND p.last_day
GROUP BY 1 ORDER BY 1
