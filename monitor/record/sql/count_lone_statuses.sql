-- Documents of which only statuses have been seen. $1 $2 Vietnam days of receipt
SELECT count(DISTINCT s.axis_uid)
FROM axis_status s
WHERE vietnam_day(s.received_at) >= coalesce($1::date, '-infinity')
  AND vietnam_day(s.received_at) <= coalesce($2::date, 'infinity')
  AND NOT EXISTS (SELECT FROM axis_message m WHERE m.axis_uid = s.axis_uid)
  AND NOT EXISTS (SELECT FROM axis_message m WHERE m.base_uid = s.axis_uid)
