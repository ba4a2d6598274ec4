-- Of the documents $1 themselves, and of what speaks under their DocumentId.
SELECT array_agg(DISTINCT uid) FROM (
    SELECT unnest($1::uuid[]) UNION ALL
    SELECT axis_uid FROM axis_message WHERE base_uid = ANY ($1::uuid[])
) AS due (uid)
