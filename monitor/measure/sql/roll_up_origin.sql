-- Where the messages of the given days ($1) that came from outside came from, for panels: by the agency
-- whose domain they claim, 0 where they claim none. What was counted of these days before is gone
-- (`forget_days`: a key that is deleted in the same statement still stands in the way).
INSERT INTO mail_origin_day (day, agency_id, origin, messages)
SELECT day, claimed_agency_id, origin, count(*)
FROM message
WHERE day = ANY ($1::date[]) AND direction = 'in' AND origin <> 'internal'
GROUP BY 1, 2, 3
