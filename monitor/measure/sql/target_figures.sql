-- The figure of every target and agency or group it is for; without one, state `no_data`.
-- $1 ordinals   $2 indicators   $3 scopes ("agency", "level", "province")   $4 codes
-- $5 for each agency of the level $4   $6 channels   $7 document classes   $8 roles   $9 bases
-- $10 windows   $11 figures of accounts, which have neither channel nor class   $12 today
WITH wanted AS (
    SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::boolean[],
                         $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[])
        AS w (ordinal, indicator, scope, code, every, channel, document_class, role, base,
              window_name, of_accounts)
), unit AS (
    SELECT w.*, w.code AS whose, coalesce(a.name, '') AS name
    FROM wanted w LEFT JOIN agency a ON w.scope = 'agency' AND a.code = w.code
    WHERE NOT w.every
    UNION ALL
    SELECT w.*, a.code, a.name
    FROM wanted w JOIN agency a ON a.level = w.code
    WHERE w.every AND a.listed AND a.agency_id <> 0
      AND EXISTS (
          SELECT FROM agency_period p
          WHERE p.agency_id = a.agency_id AND $12::date BETWEEN p.first_day AND p.last_day
      )
)
SELECT u.ordinal, u.whose AS code, u.name,
       coalesce(f.numerator, 0) AS numerator, coalesce(f.denominator, 0) AS denominator,
       coalesce(f.state, 'no_data') AS state
FROM unit u
LEFT JOIN figure f ON f.indicator = u.indicator AND f.scope = u.scope AND f.code = u.whose
    AND f.role = u.role AND f.base = u.base AND f.window_name = u.window_name
    AND (u.of_accounts OR (f.document_class = u.document_class
                           AND f.channel = u.channel))
ORDER BY u.ordinal, u.whose
