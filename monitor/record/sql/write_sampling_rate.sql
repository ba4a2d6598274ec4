-- $1 stratum   $2 rate   $3 seconds until it is in force   $4 by hand   $5 reason
INSERT INTO sampling_rate (stratum, from_at, rate, by_hand, reason)
SELECT $1, greatest(
        clock_timestamp() + make_interval(secs => $3),
        (SELECT max(from_at) + interval '1 second' FROM sampling_rate
         WHERE stratum = $1 AND from_at > clock_timestamp())),
    $2, $4, $5
RETURNING from_at
