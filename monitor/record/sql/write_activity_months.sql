-- $1 address ids   $2 days   $3 kinds as bits, in ActivityKind's order   $4 bit of the source
-- In key order, as every writer does: those that meet wait for each other.
WITH fact AS (
    SELECT f.address_id, date_trunc('month', f.day)::date AS month, f.kinds,
           1 << (extract(day FROM f.day)::integer - 1) AS day_bit
    FROM unnest($1::integer[], $2::date[], $3::integer[]) AS f (address_id, day, kinds)
), month AS (
    SELECT address_id, month,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 1 <> 0), 0) AS sent,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 2 <> 0), 0) AS login,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 4 <> 0), 0) AS submission,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 8 <> 0), 0) AS imap,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 16 <> 0), 0) AS pop,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 32 <> 0), 0) AS sync,
           coalesce(bit_or(day_bit) FILTER (WHERE kinds & 64 <> 0), 0) AS automatic
    FROM fact GROUP BY 1, 2
)
INSERT INTO activity_month AS held
    (address_id, month, sent, login, submission, imap, pop, sync, automatic, sources)
SELECT m.*, $4::integer FROM month m ORDER BY m.month, m.address_id
ON CONFLICT (address_id, month) DO UPDATE SET
    sent = held.sent | excluded.sent,
    login = held.login | excluded.login,
    submission = held.submission | excluded.submission,
    imap = held.imap | excluded.imap,
    pop = held.pop | excluded.pop,
    sync = held.sync | excluded.sync,
    automatic = held.automatic | excluded.automatic,
    sources = held.sources | excluded.sources
WHERE (held.sent | excluded.sent, held.login | excluded.login,
       held.submission | excluded.submission, held.imap | excluded.imap, held.pop | excluded.pop,
       held.sync | excluded.sync, held.automatic | excluded.automatic,
       held.sources | excluded.sources)
   <> (held.sent, held.login, held.submission, held.imap, held.pop, held.sync, held.automatic,
       held.sources)
