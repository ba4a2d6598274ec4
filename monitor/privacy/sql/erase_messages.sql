UPDATE message m SET sealed_sender = NULL FROM leaving_address l
WHERE m.sender_address_id = l.address_id AND NOT l.still_open AND m.sealed_sender IS NOT NULL
