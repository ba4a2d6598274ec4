-- $1 first day   $2 last day
-- Every day on which anything was recorded or counted, and whether its rows are all there still.
SELECT day, day >= kept_since('evidence') AS kept
FROM (
    SELECT day FROM message
    UNION SELECT day FROM document
    UNION SELECT day FROM register_entry WHERE direction = 'out'
    UNION SELECT day FROM gateway_message
    UNION SELECT day FROM posture_day
    UNION SELECT day FROM day_fact
    UNION SELECT day FROM coverage_day
    UNION SELECT day FROM verdict_day
    UNION SELECT day FROM mail_day
) AS found
WHERE day BETWEEN $1 AND $2
ORDER BY day
