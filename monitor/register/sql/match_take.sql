-- Whole agencies behind $2, as many as have about $1 days between them, so that no transaction is long.
WITH share AS (
    SELECT agency_id, sum(count(*)) OVER (ORDER BY agency_id) - count(*) AS before_it
    FROM register_match_due WHERE agency_id > $2 GROUP BY agency_id
), taken AS (
    DELETE FROM register_match_due
    WHERE agency_id IN (SELECT agency_id FROM share WHERE before_it < $1)
    RETURNING agency_id, day, of_documents
)
INSERT INTO match_due SELECT DISTINCT agency_id, day, of_documents FROM taken
