(
    SELECT last_active_day(m.month, least($origin - 1, $of.address_last), $human_days)
    FROM activity_month m
    WHERE m.address_id = $of.asked AND m.month > $long_first - 31 AND m.month < $origin
      AND m.month <= coalesce($of.address_last, 'infinity')
      AND last_active_day(m.month, least($origin - 1, $of.address_last), $human_days)
          >= greatest($long_first, $of.address_first)
    ORDER BY m.month DESC LIMIT 1
)
