(SELECT count(*) >= $least FROM (VALUES $days) AS d (month, bit) WHERE EXISTS (
    SELECT FROM activity_month m WHERE m.month = d.month AND $human_days & d.bit <> 0))
