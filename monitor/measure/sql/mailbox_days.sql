-- On how many of these days a person used each mailbox that is enabled on $$2: the agencies' own.
-- $$1 agency ids, $$3 months, $$4 masks of the days that count in them.
SELECT p.account_id, coalesce((
    SELECT sum(bit_count((used.days & used.counts)::bit(32)))
    FROM (
        SELECT bit_or($human) AS days, w.counts
        FROM account_address a JOIN activity_month m USING (address_id)
        JOIN unnest($$3::date[], $$4::integer[]) AS w (month, counts) USING (month)
        WHERE a.account_id = p.account_id AND $$2::date BETWEEN a.first_day AND a.last_day
        GROUP BY m.month, w.counts
    ) AS used), 0)::integer AS days
FROM account_period p
WHERE p.agency_id = ANY ($$1::integer[]) AND p.kind = 'mailbox' AND p.state = 'enabled'
  AND $$2::date BETWEEN p.first_day AND p.last_day
ORDER BY days DESC, p.account_id
