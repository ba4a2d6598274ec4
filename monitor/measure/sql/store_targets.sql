-- Makes target_standing say how the plan's targets stand. $1 to $19: its columns.
WITH standing AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::text[], $10::double precision[], $11::date[], $12::bigint[],
        $13::bigint[], $14::text[], $15::double precision[], $16::double precision[],
        $17::double precision[], $18::bigint[], $19::text[])
        AS s (target, code, ordinal, title, indicator, scope, name, channel, window_name, value, due,
              numerator, denominator, state, ratio, gap, path, units_short, assessment)
), gone AS (
    DELETE FROM target_standing t WHERE NOT EXISTS (
        SELECT FROM standing s WHERE s.target = t.target AND s.code = t.code)
)
INSERT INTO target_standing AS t SELECT * FROM standing
ON CONFLICT (target, code) DO UPDATE SET ordinal = excluded.ordinal, title = excluded.title,
    indicator = excluded.indicator, scope = excluded.scope, name = excluded.name,
    channel = excluded.channel, window_name = excluded.window_name, value = excluded.value,
    due = excluded.due, numerator = excluded.numerator, denominator = excluded.denominator,
    state = excluded.state, ratio = excluded.ratio, gap = excluded.gap, path = excluded.path,
    units_short = excluded.units_short, assessment = excluded.assessment
WHERE t IS DISTINCT FROM excluded
