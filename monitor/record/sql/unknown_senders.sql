SELECT kind, name, sum(items) AS items, count(DISTINCT sender) AS senders,
       bool_or(verified) AS verified, min(day) AS first_day, max(last_at) AS last_at
FROM unknown_sender
WHERE day >= coalesce($1::date, '-infinity')
GROUP BY kind, name
ORDER BY 3 DESC, kind, name
LIMIT $2
