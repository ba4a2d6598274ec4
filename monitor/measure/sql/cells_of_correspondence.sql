-- Which mails with documents a closing ($2) counts on the given days ($1) for the indicator freemail: once an
-- agency, so the uid is of the pair; bit 0 says whether it used free mail.
INSERT INTO closed_cell (closing_id, what, agency_id, channel, day, uids, states)
WITH
-- :include freemail_units
, fact AS (
    SELECT u.agency_id, u.day, md5(u.agency_id || '/' || u.message_uid)::uuid AS uid,
        (f.message_uid IS NOT NULL)::integer::bigint AS state
    FROM unit u LEFT JOIN used f USING (agency_id, message_uid, day)
)
SELECT $2, 'correspondence', agency_id, 'mail', day, array_agg(uid ORDER BY uid),
       array_agg(state ORDER BY uid)
FROM fact GROUP BY agency_id, day
