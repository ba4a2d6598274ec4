-- Days that are not what their weekday says, from a period's first day ($1) to a month after its last.
SELECT day::text AS day, working FROM calendar_day
WHERE day BETWEEN $1 AND $2::date + 31 ORDER BY 1
