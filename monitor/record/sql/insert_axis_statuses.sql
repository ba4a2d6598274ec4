INSERT INTO axis_status AS s (axis_uid, organ_code, status, at, agency_id, received_at)
SELECT axis_uid, organ_code, status, at, max(agency_id), min(received_at)
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::integer[],
            $6::timestamptz[]) AS n (axis_uid, organ_code, status, at, agency_id, received_at)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (axis_uid, organ_code, status, at) DO UPDATE
    SET agency_id = greatest(s.agency_id, excluded.agency_id),
        received_at = least(s.received_at, excluded.received_at)
    WHERE (s.agency_id, s.received_at) IS DISTINCT FROM
          (greatest(s.agency_id, excluded.agency_id), least(s.received_at, excluded.received_at))
