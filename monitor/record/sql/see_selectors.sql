INSERT INTO posture_selector AS s (domain, selector, last_seen)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[])
ON CONFLICT (domain, selector) DO UPDATE SET last_seen = excluded.last_seen
WHERE s.last_seen < excluded.last_seen
