-- $1 address ids   $2 days   $3 kinds as bits, in ActivityKind's order
-- In key order, as every writer does: those that meet wait for each other.
WITH last AS (
    SELECT f.address_id,
           max(f.day) FILTER (WHERE f.kinds & 1 <> 0) AS sent,
           max(f.day) FILTER (WHERE f.kinds & 2 <> 0) AS login,
           max(f.day) FILTER (WHERE f.kinds & 4 <> 0) AS submission,
           max(f.day) FILTER (WHERE f.kinds & 8 <> 0) AS imap,
           max(f.day) FILTER (WHERE f.kinds & 16 <> 0) AS pop,
           max(f.day) FILTER (WHERE f.kinds & 32 <> 0) AS sync,
           max(f.day) FILTER (WHERE f.kinds & 64 <> 0) AS automatic
    FROM unnest($1::integer[], $2::date[], $3::integer[]) AS f (address_id, day, kinds)
    GROUP BY 1
)
INSERT INTO address_activity AS held
    (address_id, sent, login, submission, imap, pop, sync, automatic)
SELECT l.* FROM last l ORDER BY l.address_id
ON CONFLICT (address_id) DO UPDATE SET
    sent = greatest(held.sent, excluded.sent),
    login = greatest(held.login, excluded.login),
    submission = greatest(held.submission, excluded.submission),
    imap = greatest(held.imap, excluded.imap),
    pop = greatest(held.pop, excluded.pop),
    sync = greatest(held.sync, excluded.sync),
    automatic = greatest(held.automatic, excluded.automatic)
WHERE (greatest(held.sent, excluded.sent), greatest(held.login, excluded.login),
       greatest(held.submission, excluded.submission), greatest(held.imap, excluded.imap),
       greatest(held.pop, excluded.pop), greatest(held.sync, excluded.sync),
       greatest(held.automatic, excluded.automatic))
   IS DISTINCT FROM
      (held.sent, held.login, held.submission, held.imap, held.pop, held.sync, held.automatic)
