SELECT s.at, s.dispatch, m.direction, m.automatic, m.overall AS message_verdict,
       coalesce(m.copies, x.copies) AS copies, sa.code AS sender_agency,
       ARRAY(SELECT a.code FROM message_agency ma JOIN agency a USING (agency_id)
             WHERE ma.message_uid = s.dispatch AND ma.day = s.day
             UNION
             SELECT coalesce(nullif(a.code, ''), r.organ_code)
             FROM axis_recipient r JOIN agency a USING (agency_id)
             WHERE r.axis_uid = s.dispatch
             ORDER BY 1) AS recipient_agencies,
       ARRAY(SELECT DISTINCT i.source FROM item i WHERE i.dispatch = s.dispatch ORDER BY 1)
           AS sources
FROM sending s
LEFT JOIN message m ON m.message_uid = s.dispatch AND m.day = s.day
LEFT JOIN axis_message x ON x.axis_uid = s.dispatch
LEFT JOIN agency sa ON sa.agency_id = coalesce(m.sender_agency_id, x.sender_agency_id)
WHERE s.document_uid = $1
ORDER BY s.at, s.dispatch
LIMIT $2
