-- A new namesake makes ambiguous what another file was matched by.
INSERT INTO match_file SELECT DISTINCT agency_id, content_hash FROM match_namesake
ON CONFLICT DO NOTHING
