WITH given AS (
    SELECT a.agency_id, s.agency_id AS successor_id
    FROM unnest($1::text[], $2::text[]) AS g (code, successor)
    JOIN agency a ON a.code = g.code
    JOIN agency s ON s.code = g.successor
), gone AS (
    DELETE FROM agency_successor old
    WHERE NOT EXISTS (
        SELECT FROM given g
        WHERE (g.agency_id, g.successor_id) = (old.agency_id, old.successor_id)
    )
)
INSERT INTO agency_successor (agency_id, successor_id)
SELECT DISTINCT agency_id, successor_id FROM given
ON CONFLICT DO NOTHING
