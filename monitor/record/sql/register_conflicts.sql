-- $1 how many.
SELECT c.kind, l.file, l.at_row, NULL::smallint AS other_file, NULL::integer AS other_row,
    a.code AS agency, l.number_key, coalesce(c.times, 1) AS times, c.day
FROM conflict c JOIN listed l USING (n) JOIN agency a USING (agency_id)
ORDER BY c.n LIMIT $1
