INSERT INTO axis_recipient AS r (axis_uid, organ_code, agency_id, name)
SELECT axis_uid, organ_code, max(agency_id), min(name)
FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[])
    AS n (axis_uid, organ_code, agency_id, name)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (axis_uid, organ_code) DO UPDATE
    SET agency_id = greatest(r.agency_id, excluded.agency_id), name = least(r.name, excluded.name)
    WHERE (r.agency_id, r.name) IS DISTINCT FROM
          (greatest(r.agency_id, excluded.agency_id), least(r.name, excluded.name))
