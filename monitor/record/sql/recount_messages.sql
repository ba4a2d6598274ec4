-- What prepare.py counts of an outcome, from the documents as they stand now.
UPDATE message m SET formal_documents = c.documents, formal_valid = c.valid, formal_ours = c.ours
FROM (
    SELECT m.message_uid, m.day,
        count(DISTINCT d.content_hash) AS documents,
        count(DISTINCT d.content_hash) FILTER (WHERE d.overall = 'valid') AS valid,
        count(DISTINCT d.content_hash)
            FILTER (WHERE d.overall = 'indeterminate' AND d.cause = 'ours') AS ours
    FROM message m
    LEFT JOIN (sending s
        JOIN document_key k USING (document_uid)
        JOIN document d ON d.document_uid = k.document_uid AND d.day = k.day)
      ON s.dispatch = m.message_uid AND d.agency_id = m.sender_agency_id
        AND d.channel = m.channel AND d.document_class = 'formal' AND NOT d.relayed
    WHERE m.message_uid = ANY ($1::uuid[]) AND m.day = ANY ($2::date[])
    GROUP BY 1, 2
) AS c
WHERE m.message_uid = c.message_uid AND m.day = c.day AND m.day = ANY ($2::date[])
  AND (m.formal_documents, m.formal_valid, m.formal_ours) <> (c.documents, c.valid, c.ours)
RETURNING m.day
