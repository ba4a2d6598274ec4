-- Agencies in force on any day from $2 to $3, as they were on their last day in it, for closing $1.
-- Higher levels stand first; within one they stand in the order in which they came to be known.
INSERT INTO closed_agency (closing_id, code, agency_id, ordinal, name, name_en, level, parent,
                           first_day, last_day, successors)
WITH life AS (
    SELECT agency_id, greatest(min(first_day), $2::date) AS first_day,
           least(max(last_day), $3::date) AS last_day
    FROM agency_period
    WHERE first_day <= $3::date AND last_day >= $2::date AND agency_id <> 0
    GROUP BY 1
)
SELECT $1, a.code, a.agency_id,
       row_number() OVER (
           ORDER BY array_position(ARRAY['province', 'department', 'district', 'commune'], p.level)
               NULLS LAST, p.level, a.agency_id),
       p.name, p.name_en, p.level, p.parent, l.first_day, l.last_day,
       CASE WHEN l.last_day < $3::date THEN ARRAY(
           SELECT heir.code FROM agency_successor s JOIN agency heir ON heir.agency_id = s.successor_id
           WHERE s.agency_id = a.agency_id ORDER BY heir.code
       ) ELSE '{}' END
FROM life l JOIN agency a USING (agency_id)
JOIN agency_period p ON p.agency_id = l.agency_id AND l.last_day BETWEEN p.first_day AND p.last_day
ORDER BY 4
