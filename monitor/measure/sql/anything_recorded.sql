-- Whether anything at all was recorded of a period ($1 first day, $2 last).
SELECT EXISTS (SELECT FROM item WHERE day BETWEEN $1 AND $2)
    OR EXISTS (SELECT FROM day_fact WHERE day BETWEEN $1 AND $2)
    OR EXISTS (SELECT FROM register_entry WHERE day BETWEEN $1 AND $2)
    OR EXISTS (SELECT FROM activity_month
               WHERE month BETWEEN date_trunc('month', $1::date) AND $2)
