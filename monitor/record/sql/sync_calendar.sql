INSERT INTO calendar_day AS c (day, working, name)
SELECT * FROM unnest($1::date[], $2::boolean[], $3::text[])
ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name
WHERE (c.working, c.name) IS DISTINCT FROM (excluded.working, excluded.name)
