-- Units of the indicator freemail on the given days ($1): agency_id, message_uid, day, whether free mail
-- was used.
used AS MATERIALIZED (
    SELECT DISTINCT agency_id, message_uid, day FROM freemail_use WHERE day = ANY ($1::date[])
), unit AS (
    SELECT sender_agency_id AS agency_id, message_uid, day FROM message
    WHERE day = ANY ($1::date[]) AND direction = 'out' AND NOT automatic AND attached > 0
      AND sender_agency_id <> 0
    UNION
    SELECT r.agency_id, message_uid, day
    FROM message_agency r JOIN message m USING (message_uid, day)
    WHERE r.day = ANY ($1::date[]) AND m.day = ANY ($1::date[]) AND r.agency_id <> 0
      AND m.direction <> 'internal' AND NOT m.automatic AND m.attached > 0
    UNION
    SELECT agency_id, message_uid, day FROM used
)
