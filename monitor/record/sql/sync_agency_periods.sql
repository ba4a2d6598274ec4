WITH given AS (
    SELECT a.agency_id, g.first_day, g.last_day, g.name, g.name_en, g.level, g.parent
    FROM unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[])
        AS g (code, first_day, last_day, name, name_en, level, parent)
    JOIN agency a USING (code)
), gone AS (
    DELETE FROM agency_period p
    WHERE NOT EXISTS (
        SELECT FROM given g WHERE (g.agency_id, g.first_day) = (p.agency_id, p.first_day)
    )
)
INSERT INTO agency_period AS p (agency_id, first_day, last_day, name, name_en, level, parent)
SELECT * FROM given
ON CONFLICT (agency_id, first_day) DO UPDATE
    SET last_day = excluded.last_day, name = excluded.name, name_en = excluded.name_en,
        level = excluded.level, parent = excluded.parent
    WHERE (p.last_day, p.name, p.name_en, p.level, p.parent)
        IS DISTINCT FROM
        (excluded.last_day, excluded.name, excluded.name_en, excluded.level, excluded.parent)
