-- $1 message   $2 today   $3 working days to take up
SELECT d.*, d.state IN ('sent', 'arrived')
                AND d.day < working_day_before($2::date, $3::integer) AS late,
       m.number, m.notation, m.document_ref, m.issued_on, m.due_on, m.paper, m.sender_code,
       nullif(s.code, '') AS sender_agency, coalesce(nullif(s.name, ''), m.sender_name) AS sender_name,
       nullif(r.code, '') AS agency, coalesce(nullif(r.name, ''), d.name) AS receiver_name
FROM axis_delivery d
JOIN axis_message m USING (axis_uid)
JOIN agency s ON s.agency_id = d.sender_agency_id
JOIN agency r ON r.agency_id = d.agency_id
WHERE d.axis_uid = $1
ORDER BY agency, d.organ_code
