-- What the mail domains of agencies came to on the given days ($1): checks that passed, of those that
-- apply and were decided. A domain of several agencies counts for each of them. Days whose looks
-- retention has removed keep what was counted (`forget_days`).
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, numerator,
                      denominator, undecided)
SELECT 'domain_posture', agency_id, 'mail', 'formal', '', day, sum(passed), sum(passed + failed),
       sum(unknown)
FROM posture_day
WHERE day = ANY ($1::date[]) AND day >= kept_since('posture')
GROUP BY agency_id, day
HAVING sum(passed + failed + unknown) > 0
