-- $1 days
-- Forgets the coverage of mail where the gateway's log is there still, and gives the days of that.
WITH kept AS (
    SELECT DISTINCT day FROM gateway_message
    WHERE day = ANY ($1::date[]) AND day >= kept_since('gateway')
), gone AS (
    DELETE FROM coverage_day
    WHERE channel = 'mail' AND day = ANY ($1::date[]) AND day >= kept_since('gateway')
)
SELECT day FROM kept
