-- $1 documents whose sender goes
SELECT
    (SELECT count(*) FROM leaving) AS people,
    (SELECT count(*) FROM leaving_address WHERE NOT still_open) AS addresses,
    (SELECT count(*) FROM leaving_address WHERE still_open) AS still_open,
    (SELECT count(*) FROM message m JOIN leaving_address l ON l.address_id = m.sender_address_id
     WHERE NOT l.still_open AND m.sealed_sender IS NOT NULL) + $1::bigint AS senders
