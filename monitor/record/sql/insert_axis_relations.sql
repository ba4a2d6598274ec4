INSERT INTO axis_relation (axis_uid, of_uid, business)
SELECT axis_uid, of_uid, min(business)
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (axis_uid, of_uid, business)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT DO NOTHING
