-- The completed working days of every figure that is watched, as arrays over those with units; "n" is
-- the place of a day in $1.
--
-- $1 completed working days, in order   $2 the last of them, on which agencies are in force
--
-- Of what was sampled, each stratum weighs what it stands for; `weights` is the sum of weight² times
-- drawn (monitor/measure/drop_rule.py). Groups are of the agencies that are in them now: one that
-- joins a level is no drop of that level.
WITH fact AS (
    SELECT f.indicator, f.agency_id, f.channel, d.n,
        sum(f.numerator * s.weight) AS y, sum(f.denominator * s.weight) AS x,
        sum(f.denominator * s.weight ^ 2) AS w, sum(f.undecided * s.weight) AS u,
        sum(coalesce(f.units - f.sampled_units, 0))::double precision AS undrawn
    FROM day_fact f
    JOIN unnest($1::date[]) WITH ORDINALITY AS d (day, n) USING (day),
    LATERAL (SELECT coalesce(f.units::double precision / nullif(f.sampled_units, 0), 1)) AS s (weight)
    WHERE f.indicator IN ('document_signed', 'mail_signed')
      AND f.document_class = 'formal' AND f.base = ''
    GROUP BY 1, 2, 3, 4
), summed AS (
    SELECT f.indicator, g.scope, g.code, f.channel, f.n, sum(y) AS y, sum(x) AS x, sum(w) AS w,
        sum(u) AS u, sum(undrawn) AS undrawn
    FROM fact f JOIN agency a USING (agency_id)
    JOIN agency_period p ON p.agency_id = a.agency_id AND $2::date BETWEEN p.first_day AND p.last_day,
        LATERAL (VALUES ('agency', a.code), ('level', p.level), ('province', 'province'))
            AS g (scope, code)
    WHERE a.agency_id <> 0
    GROUP BY 1, 2, 3, 4, 5
)
SELECT indicator, scope, code, channel, array_agg(n::integer) AS n,
    array_agg(y) AS numerators, array_agg(x) AS denominators, array_agg(w) AS weights,
    array_agg(u) AS undecided, array_agg(undrawn) AS undrawn
FROM summed
GROUP BY 1, 2, 3, 4
