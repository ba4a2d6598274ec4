-- $1 agency code   $2 "out" (sent by ours) or "in" (received by ours), null for either
-- $3 $4 Vietnam days of sending   $5 state, or "late"   $6 today   $7 working days to take up
-- $8 oldest first, else newest   $9 limit
WITH chosen AS (
    SELECT d.*, d.state IN ('sent', 'arrived') AND d.day < due.before AS late
    FROM axis_delivery d
    CROSS JOIN (SELECT working_day_before($6::date, $7::integer) AS before) AS due
    WHERE (($2::text IS DISTINCT FROM 'in' AND d.sender_agency_id <> 0
            AND ($1::text IS NULL OR d.sender_agency_id IN (
                SELECT agency_id FROM agency WHERE code = $1)))
           OR ($2 IS DISTINCT FROM 'out' AND d.agency_id <> 0
               AND ($1 IS NULL OR d.agency_id IN (SELECT agency_id FROM agency WHERE code = $1))))
      AND d.day >= coalesce($3::date, '-infinity') AND d.day <= coalesce($4::date, 'infinity')
      AND ($5::text IS NULL
           OR CASE WHEN $5 = 'late' THEN d.state IN ('sent', 'arrived') AND d.day < due.before
                   ELSE d.state = $5 END)
    ORDER BY CASE WHEN $8::boolean THEN d.sent_at END, d.sent_at DESC, d.axis_uid, d.organ_code
    LIMIT $9
)
SELECT c.*, m.number, m.notation, m.document_ref, m.issued_on, m.due_on, m.paper, m.sender_code,
       nullif(s.code, '') AS sender_agency, coalesce(nullif(s.name, ''), m.sender_name) AS sender_name,
       nullif(r.code, '') AS agency, coalesce(nullif(r.name, ''), c.name) AS receiver_name
FROM chosen c
JOIN axis_message m USING (axis_uid)
JOIN agency s ON s.agency_id = c.sender_agency_id
JOIN agency r ON r.agency_id = c.agency_id
ORDER BY CASE WHEN $8 THEN c.sent_at END, c.sent_at DESC, c.axis_uid, c.organ_code
