INSERT INTO agency AS a (code, name, level, parent)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, level = excluded.level, parent = excluded.parent, listed = true
    WHERE (a.name, a.level, a.parent, a.listed)
        IS DISTINCT FROM (excluded.name, excluded.level, excluded.parent, true)
