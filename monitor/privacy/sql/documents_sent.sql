-- Documents that were in any message of the addresses that leave.
SELECT d.document_uid, d.sealed_sender
FROM document d
WHERE d.sealed_sender IS NOT NULL AND d.document_uid IN (
    SELECT s.document_uid FROM leaving_address l
    JOIN message m ON m.sender_address_id = l.address_id
    JOIN sending s ON s.dispatch = m.message_uid
    WHERE NOT l.still_open)
