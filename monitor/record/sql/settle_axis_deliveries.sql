-- What became of the documents $1 with each of their receivers; times are each clock's own word.
--
-- Taken up is whatever is beyond "arrived". The later of rejecting and taking up stands. A document
-- that its own sender revoked is recalled with those who were told, unless they refused; one that
-- was replaced before it was taken up as well.
WITH receiver AS (
    SELECT axis_uid, agency_id, min(organ_code) AS organ_code,
           array_agg(organ_code) AS codes, min(name) AS name
    FROM axis_recipient WHERE axis_uid = ANY ($1::uuid[])
    GROUP BY axis_uid, agency_id, CASE WHEN agency_id = 0 THEN organ_code END
), flow AS (
    SELECT m.axis_uid, r.organ_code, m.day, m.sender_agency_id, r.agency_id, r.name,
           coalesce(m.sent_at, m.first_received_at) AS sent_at, m.sent_at IS NOT NULL AS sent_known,
           s.*, withdrawn.*
    FROM receiver r
    JOIN axis_message m USING (axis_uid)
    CROSS JOIN LATERAL (
        SELECT min(at) FILTER (WHERE status = 'arrived') AS arrived_at,
               min(at) FILTER (WHERE status = 'received') AS received_at,
               min(at) FILTER (WHERE status = 'assigned') AS assigned_at,
               min(at) FILTER (WHERE status = 'processing') AS processing_at,
               min(at) FILTER (WHERE status = 'done') AS done_at,
               min(at) FILTER (WHERE status = 'rejected') AS rejected_at,
               min(at) FILTER (WHERE status IN ('received', 'assigned', 'processing', 'done'))
                   AS taken_at,
               max(at) FILTER (WHERE status IN ('received', 'assigned', 'processing', 'done'))
                   AS last_taken_at,
               max(at) FILTER (WHERE status = 'rejected') AS last_rejected_at,
               min(at) FILTER (WHERE status = 'recalled') AS taken_back_at,
               max(at) FILTER (WHERE status = 'recall_agreed') AS agreed_at,
               max(at) FILTER (WHERE status = 'recall_refused') AS refused_at
        FROM axis_status
        WHERE axis_uid = coalesce(m.base_uid, m.axis_uid)
          AND (organ_code = ANY (r.codes) OR (agency_id = r.agency_id AND agency_id <> 0)
               OR (status = 'recalled' AND organ_code = m.sender_code))
    ) AS s
    CROSS JOIN LATERAL (
        SELECT min(coalesce(w.sent_at, w.first_received_at))
                   FILTER (WHERE x.business = 'revoke') AS revoked_at,
               min(coalesce(w.sent_at, w.first_received_at))
                   FILTER (WHERE x.business = 'replace') AS replaced_at
        FROM axis_relation x JOIN axis_message w USING (axis_uid)
        WHERE x.of_uid = coalesce(m.base_uid, m.axis_uid) AND w.axis_uid <> m.axis_uid
          AND w.sender_code = m.sender_code
          AND EXISTS (
              SELECT FROM axis_recipient told
              WHERE told.axis_uid = w.axis_uid
                AND (told.organ_code = ANY (r.codes)
                     OR (told.agency_id = r.agency_id AND told.agency_id <> 0)))
    ) AS withdrawn
    WHERE m.business IS DISTINCT FROM 'revoke'
      AND NOT EXISTS (SELECT FROM axis_message base WHERE base.axis_uid = m.base_uid)
)
INSERT INTO axis_delivery (
    axis_uid, organ_code, day, sender_agency_id, agency_id, name, sent_at, sent_known, arrived_at,
    received_at, assigned_at, processing_at, done_at, rejected_at, taken_at, recalled_at, state)
SELECT axis_uid, organ_code, day, sender_agency_id, agency_id, name, sent_at, sent_known,
       arrived_at, received_at, assigned_at, processing_at, done_at, rejected_at, taken_at,
       recalled_at,
       CASE WHEN recalled_at IS NOT NULL THEN 'recalled'
            WHEN last_rejected_at >= coalesce(last_taken_at, '-infinity') THEN 'rejected'
            WHEN done_at IS NOT NULL THEN 'done'
            WHEN processing_at IS NOT NULL THEN 'processing'
            WHEN assigned_at IS NOT NULL THEN 'assigned'
            WHEN received_at IS NOT NULL THEN 'received'
            WHEN arrived_at IS NOT NULL THEN 'arrived'
            ELSE 'sent' END
FROM flow
CROSS JOIN LATERAL (
    SELECT CASE WHEN refused_at IS NULL OR agreed_at > refused_at
                THEN least(revoked_at, taken_back_at,
                           CASE WHEN taken_at IS NULL THEN replaced_at END)
           END AS recalled_at
) AS ended
