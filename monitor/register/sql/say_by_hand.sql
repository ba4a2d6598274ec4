-- An operator's word on an entry and a content, for each document row of it.
INSERT INTO register_file (entry_id, document_uid, how)
SELECT $1::bigint, unnest($2::uuid[]), $3
ON CONFLICT (entry_id, document_uid) DO UPDATE SET how = excluded.how, matched_at = now()
