-- Of each stratum what is in force and what comes; what was in force within the last hour as well, for
-- a node whose clock is behind. The beginning of time is 1970: a client has no word for -infinity.
SELECT s.stratum, greatest(s.from_at, 'epoch') AS from_at, s.rate, s.by_hand, s.reason
FROM sampling_rate s
WHERE s.from_at >= coalesce(
    (SELECT max(o.from_at) FROM sampling_rate o
     WHERE o.stratum = s.stratum AND o.from_at <= now() - interval '1 hour'), '-infinity')
   OR s.stratum = 'all' AND s.from_at = (
     SELECT max(o.from_at) FROM sampling_rate o WHERE o.stratum = 'all' AND o.by_hand)
ORDER BY s.stratum, s.from_at
