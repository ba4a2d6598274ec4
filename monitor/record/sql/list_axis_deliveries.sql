-- $1 agency code   $2 "out" (sent by ours) or "in" (received by ours), null for either
-- $3 $4 Vietnam days of sending   $5 state, or "late"   $6 today   $7 working days to take up
-- $8 oldest first, else newest   $9 limit
SELECT d.*, late.late
FROM axis_delivery d
CROSS JOIN LATERAL (
    SELECT d.state IN ('sent', 'arrived') AND d.day < working_day_before($6::date, $7::integer)
) AS late (late)
WHERE (($2::text IS DISTINCT FROM 'in' AND d.sender_agency = coalesce($1, d.sender_agency))
       OR ($2 IS DISTINCT FROM 'out' AND d.agency = coalesce($1, d.agency)))
  AND d.day >= coalesce($3::date, '-infinity') AND d.day <= coalesce($4::date, 'infinity')
  AND ($5::text IS NULL OR CASE WHEN $5 = 'late' THEN late.late ELSE d.state = $5 END)
ORDER BY CASE WHEN $8::boolean THEN d.sent_at END, d.sent_at DESC, d.axis_uid, d.organ_code
LIMIT $9
