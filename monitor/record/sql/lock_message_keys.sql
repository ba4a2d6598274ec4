SELECT message_uid, day FROM message_key WHERE message_uid = ANY ($1::uuid[])
ORDER BY message_uid FOR UPDATE
