-- Makes funnel_count say what funnel_counted.sql counted.
, gone AS (
    DELETE FROM funnel_count f WHERE NOT EXISTS (
        SELECT FROM counted c WHERE c.agency_id = f.agency_id AND c.role = f.role)
)
INSERT INTO funnel_count AS f (agency_id, role, first_day, last_day, sends, signs, validates)
SELECT agency_id, role, $1, $2, sends, signs, validates FROM counted
ON CONFLICT (agency_id, role) DO UPDATE SET first_day = excluded.first_day,
    last_day = excluded.last_day, sends = excluded.sends, signs = excluded.signs,
    validates = excluded.validates
WHERE (f.first_day, f.last_day, f.sends, f.signs, f.validates)
    IS DISTINCT FROM (excluded.first_day, excluded.last_day, excluded.sends, excluded.signs,
                      excluded.validates)
