-- The days of the looks: of each check the last decided result of the day, "unknown" only if nothing of
-- it was decided. A domain that has become another agency's is the new one's for the whole day. Days
-- that differ now are noted, for figures.
WITH look AS (
    SELECT domain, vietnam_day(checked_at) AS day, agencies,
        jsonb_object_agg(check_name, coalesce(decided, 'unknown')) AS results
    FROM posture_decision GROUP BY 1, 2, 3
), owned AS (
    SELECT l.day, l.domain, a.agency_id, l.results
    FROM look l JOIN agency a ON a.code = ANY (l.agencies)
), old AS (
    SELECT DISTINCT ON (d.day, d.domain) d.day, d.domain, d.results
    FROM posture_day d JOIN look USING (day, domain) ORDER BY d.day, d.domain
), merged AS (
    SELECT l.day, l.domain, jsonb_object_agg(check_name, CASE
        WHEN l.results ->> check_name <> 'unknown' THEN l.results ->> check_name
        ELSE coalesce(o.results ->> check_name, 'unknown') END) AS results
    FROM look l LEFT JOIN old o USING (day, domain),
        LATERAL jsonb_object_keys(l.results) AS check_name
    GROUP BY 1, 2
), counted AS (
    SELECT day, domain, results, count(*) FILTER (WHERE r.value = 'pass') AS passed,
        count(*) FILTER (WHERE r.value = 'fail') AS failed,
        count(*) FILTER (WHERE r.value = 'not_applicable') AS not_applicable,
        count(*) FILTER (WHERE r.value = 'unknown') AS unknown
    FROM merged, jsonb_each_text(results) AS r GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM posture_day d USING look l
    WHERE (d.day, d.domain) = (l.day, l.domain) AND NOT EXISTS (
        SELECT FROM owned o
        WHERE (o.day, o.domain, o.agency_id) = (d.day, d.domain, d.agency_id))
    RETURNING d.day
), written AS (
    INSERT INTO posture_day AS d
        (day, domain, agency_id, passed, failed, not_applicable, unknown, results)
    SELECT o.day, o.domain, o.agency_id, c.passed, c.failed, c.not_applicable, c.unknown, c.results
    FROM owned o JOIN counted c USING (day, domain)
    ON CONFLICT (day, domain, agency_id) DO UPDATE
        SET passed = excluded.passed, failed = excluded.failed,
            not_applicable = excluded.not_applicable, unknown = excluded.unknown,
            results = excluded.results
        WHERE d.results <> excluded.results
    RETURNING day
)
INSERT INTO changed_day SELECT day FROM gone UNION SELECT day FROM written
