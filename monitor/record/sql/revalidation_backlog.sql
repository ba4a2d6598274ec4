-- $1 epoch in force   $2 the epoch its basis came with   $3 now
SELECT (SELECT count(*) FROM judgement WHERE state = 'open' AND epoch < $1)
         + (SELECT count(*) FROM judgement WHERE state IN ('settled', 'stuck') AND epoch < $2)
         + (SELECT count(*) FROM judgement WHERE due_at <= $3
            AND NOT (state = 'open' AND epoch < $1)
            AND NOT (state IN ('settled', 'stuck') AND epoch < $2))
         + (SELECT count(*) FROM signer_certificate WHERE epoch < $1) AS waiting,
       (SELECT count(*) FROM judgement WHERE state = 'open') AS open,
       (SELECT count(*) FROM judgement WHERE state = 'stuck') AS stuck
