-- $1 how many. Rows that say what an earlier one says.
SELECT 'repeated' AS kind, second.file, second.at_row, l.file AS other_file,
    l.at_row AS other_row, a.code AS agency, l.number_key, k.copies AS times, NULL::date AS day
FROM (SELECT * FROM kept WHERE copies > 1 ORDER BY n LIMIT $1) k
JOIN listed l USING (n)
JOIN agency a ON a.agency_id = k.agency_id
CROSS JOIN LATERAL (
    SELECT file, at_row FROM listed o
    WHERE (o.agency_id, o.year, o.number_key, o.digest)
        = (k.agency_id, k.year, k.number_key, k.digest) AND o.n > k.n
    ORDER BY o.n LIMIT 1
) second
ORDER BY k.n
