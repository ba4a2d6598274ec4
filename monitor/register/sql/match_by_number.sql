-- Number and notation with the day of issue; a document that does not say that day was sent within
-- $3 days of it.
INSERT INTO match_candidate
SELECT m.agency_id, m.content_hash, m.document_uid, e.entry_id, 2, true
FROM match_document m JOIN match_number w USING (document_uid)
CROSS JOIN generate_series(extract(year FROM m.day - $2::integer)::integer,
                           extract(year FROM m.day + $1::integer)::integer) AS years (year)
JOIN register_entry e ON e.agency_id = m.agency_id AND e.direction = 'out'
    AND e.year = years.year::smallint AND e.number_key = w.number_key
WHERE NOT m.relayed AND e.gone_run_id IS NULL
  AND m.day BETWEEN e.day - $1::integer AND e.day + $2::integer
  AND CASE WHEN m.issued_on IS NULL THEN w.whole AND m.day <= e.day + $3::integer
           ELSE m.issued_on = e.day END
