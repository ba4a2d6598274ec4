-- Days of $1, by their places in it, on which too little was captured of what an independent source
-- says was sent, for each agency and group: of few messages one that is missing is chance.
--
-- $1 completed working days, in order   $2 the last of them   $3 least coverage
SELECT g.scope, g.code, c.channel, d.n::integer AS n
FROM coverage_day c
JOIN unnest($1::date[]) WITH ORDINALITY AS d (day, n) USING (day)
JOIN agency a USING (agency_id)
JOIN agency_period p ON p.agency_id = a.agency_id AND $2::date BETWEEN p.first_day AND p.last_day,
    LATERAL (VALUES ('agency', a.code), ('level', p.level), ('province', 'province'))
        AS g (scope, code)
GROUP BY 1, 2, 3, 4
HAVING sum(c.captured) < $3::double precision * sum(c.logged) AND sum(c.logged - c.captured) >= 2
