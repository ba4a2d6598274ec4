-- On how many days of each month addresses ($1: ids) were active, by kind, and who said so.
SELECT m.month,
    bit_count(bit_or(m.sent)::bit(32)) AS sent,
    bit_count(bit_or(m.login)::bit(32)) AS login,
    bit_count(bit_or(m.submission)::bit(32)) AS submission,
    bit_count(bit_or(m.imap)::bit(32)) AS imap,
    bit_count(bit_or(m.pop)::bit(32)) AS pop,
    bit_count(bit_or(m.sync)::bit(32)) AS sync,
    bit_count(bit_or(m.automatic)::bit(32)) AS automatic,
    (SELECT coalesce(array_agg(s.name ORDER BY s.source_id), '{}') FROM activity_source s
        WHERE bit_or(m.sources) & (1 << s.source_id) <> 0) AS sources
FROM activity_month m
WHERE m.address_id = ANY ($1::integer[]) AND m.month >= $2::date
GROUP BY m.month
ORDER BY m.month DESC;
