UPDATE signature s SET day = r.day
FROM unnest($1::uuid[], $2::date[], $3::date[]) AS r (owner_uid, old_day, day)
WHERE s.owner_uid = r.owner_uid AND s.day = r.old_day AND s.day = ANY ($2::date[])
    AND r.day <> r.old_day
