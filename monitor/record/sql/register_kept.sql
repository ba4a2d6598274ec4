-- Rows of the list, each content of a number once.
INSERT INTO kept
SELECT min(n), count(*), agency_id, year, number_key, digest, min(day), min(external_id)
FROM listed GROUP BY agency_id, year, number_key, digest
