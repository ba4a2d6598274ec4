-- $1 targets   $2 what each measures   $3 codes   $4 today   $5 numerators   $6 denominators
INSERT INTO target_baseline AS b (target, code, of, day, numerator, denominator)
SELECT r.target, r.code, r.of, $4, r.numerator, r.denominator
FROM unnest($1::text[], $2::text[], $3::text[], $5::bigint[], $6::bigint[])
    AS r (target, of, code, numerator, denominator)
ORDER BY r.target, r.code
ON CONFLICT (target, code) DO UPDATE SET
    of = excluded.of, day = excluded.day,
    numerator = excluded.numerator, denominator = excluded.denominator
WHERE b.of <> excluded.of
