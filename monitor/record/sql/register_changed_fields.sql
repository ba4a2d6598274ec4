SELECT field, count(*) AS times FROM plan, unnest(fields) AS field
GROUP BY field ORDER BY times DESC, field
