-- Fills `used`: the last day of human activity ($3: its kinds) and of any other, up to $1, of the
-- accounts that hold an address of which something is known ($2: of this agency alone). The last
-- days are kept for each address; where one of them is later than $1, the months say what was
-- before it: those of the last $4 days for all at once, earlier ones of whom these say nothing.
WITH monthly AS NOT MATERIALIZED (
    SELECT m.address_id, m.month,
        last_active_day(m.month, $1::date,
            CASE WHEN 'sent' = ANY ($3::text[]) THEN m.sent ELSE 0 END
            | CASE WHEN 'login' = ANY ($3) THEN m.login ELSE 0 END
            | CASE WHEN 'submission' = ANY ($3) THEN m.submission ELSE 0 END
            | CASE WHEN 'imap' = ANY ($3) THEN m.imap ELSE 0 END
            | CASE WHEN 'pop' = ANY ($3) THEN m.pop ELSE 0 END
            | CASE WHEN 'sync' = ANY ($3) THEN m.sync ELSE 0 END
            | CASE WHEN 'automatic' = ANY ($3) THEN m.automatic ELSE 0 END) AS human,
        last_active_day(m.month, $1,
            CASE WHEN 'sent' <> ALL ($3) THEN m.sent ELSE 0 END
            | CASE WHEN 'login' <> ALL ($3) THEN m.login ELSE 0 END
            | CASE WHEN 'submission' <> ALL ($3) THEN m.submission ELSE 0 END
            | CASE WHEN 'imap' <> ALL ($3) THEN m.imap ELSE 0 END
            | CASE WHEN 'pop' <> ALL ($3) THEN m.pop ELSE 0 END
            | CASE WHEN 'sync' <> ALL ($3) THEN m.sync ELSE 0 END) AS other
    FROM activity_month m
    WHERE m.month <= $1
), last_days AS (
    SELECT aa.account_id, aa.address_id,
        greatest(
            CASE WHEN 'sent' = ANY ($3) THEN x.sent END,
            CASE WHEN 'login' = ANY ($3) THEN x.login END,
            CASE WHEN 'submission' = ANY ($3) THEN x.submission END,
            CASE WHEN 'imap' = ANY ($3) THEN x.imap END,
            CASE WHEN 'pop' = ANY ($3) THEN x.pop END,
            CASE WHEN 'sync' = ANY ($3) THEN x.sync END,
            CASE WHEN 'automatic' = ANY ($3) THEN x.automatic END
        ) AS human,
        greatest(
            CASE WHEN 'sent' <> ALL ($3) THEN x.sent END,
            CASE WHEN 'login' <> ALL ($3) THEN x.login END,
            CASE WHEN 'submission' <> ALL ($3) THEN x.submission END,
            CASE WHEN 'imap' <> ALL ($3) THEN x.imap END,
            CASE WHEN 'pop' <> ALL ($3) THEN x.pop END,
            CASE WHEN 'sync' <> ALL ($3) THEN x.sync END
        ) AS other
    FROM account_address aa JOIN address_activity x USING (address_id)
    WHERE $1 BETWEEN aa.first_day AND aa.last_day
        AND ($2::integer IS NULL OR aa.account_id IN (
            SELECT ap.account_id FROM account_period ap JOIN agency_holder($1) h USING (agency_id)
            WHERE h.holder_id = $2
        ))
), later AS MATERIALIZED (
    SELECT account_id, address_id FROM last_days WHERE human > $1 OR other > $1
), recent AS MATERIALIZED (
    SELECT l.account_id, l.address_id, max(m.human) AS human, max(m.other) AS other
    FROM later l JOIN monthly m USING (address_id)
    WHERE m.month >= date_trunc('month', $1 - $4::integer)
    GROUP BY 1, 2
), known AS (
    SELECT account_id, human, other FROM last_days
    WHERE coalesce(human, $1) <= $1 AND coalesce(other, $1) <= $1
    UNION ALL
    SELECT account_id, human, other FROM recent WHERE human IS NOT NULL
    UNION ALL
    SELECT l.account_id, max(m.human), max(m.other)
    FROM later l JOIN monthly m USING (address_id)
    WHERE NOT EXISTS (
        SELECT FROM recent r WHERE r.address_id = l.address_id AND r.human IS NOT NULL
    )
    GROUP BY 1
)
INSERT INTO used SELECT account_id, max(human), max(other) FROM known GROUP BY 1;
