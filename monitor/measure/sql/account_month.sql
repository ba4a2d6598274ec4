LEFT JOIN (
        SELECT m.address_id, $human_days AS days FROM activity_month m
        WHERE m.month = $month AND $human_days <> 0
    ) AS $name ON $name.address_id = l.address_id
