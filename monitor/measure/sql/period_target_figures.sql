-- What closing $12 says of every target and agency or group it is for; without a figure `no_data`.
-- $1 ordinals   $2 indicators   $3 scopes ("agency", "level", "province")   $4 codes
-- $5 for each agency of the level $4   $6 channels   $7 document classes   $8 roles   $9 bases
-- $10 windows, in whose place the period stands   $11 figures of accounts, which have neither channel
-- nor class   $13 last day: each agency in force on it has its target
WITH wanted AS (
    SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::boolean[],
                         $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[])
        AS w (ordinal, indicator, scope, code, every, channel, document_class, role, base,
              window_name, of_accounts)
), unit AS (
    SELECT w.*, w.code AS whose, coalesce(a.name, '') AS name
    FROM wanted w
    LEFT JOIN closed_agency a ON a.closing_id = $12 AND w.scope = 'agency' AND a.code = w.code
    WHERE NOT w.every
    UNION ALL
    SELECT w.*, a.code, a.name
    FROM wanted w JOIN closed_agency a ON a.closing_id = $12 AND a.level = w.code
    WHERE w.every AND a.last_day = $13::date
)
SELECT u.ordinal, u.whose AS code, u.name,
       coalesce(f.numerator, 0) AS numerator, coalesce(f.denominator, 0) AS denominator,
       coalesce(f.state, 'no_data') AS state
FROM unit u
LEFT JOIN closed_figure f ON f.closing_id = $12 AND f.about = 'period' AND f.panel = ''
    AND f.indicator = u.indicator AND f.scope = u.scope AND f.code = u.whose
    AND f.role = u.role AND f.base = u.base
    AND (u.of_accounts OR (f.document_class = u.document_class
                           AND f.channel = u.channel))
ORDER BY u.ordinal, u.whose
