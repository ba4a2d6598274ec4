-- One person with several enabled accounts, one mailbox of several people (of one list or of
-- two), one person in two posts, on day $1; `together` numbers what belongs together.
WITH several_accounts AS (
    SELECT person_id FROM held WHERE state = 'enabled' AND account_id IS NOT NULL
    GROUP BY 1 HAVING count(DISTINCT account_id) > 1
), several_people AS (
    SELECT address_id, count(DISTINCT source) > 1 AS lists FROM held
    GROUP BY 1 HAVING count(DISTINCT person_id) > 1
), several_posts AS (
    SELECT person_id FROM employment WHERE $1::date BETWEEN first_day AND last_day
    GROUP BY 1 HAVING count(*) > 1
), found AS (
    SELECT DISTINCT 'several_accounts' AS why, person_id AS of, 0 AS of_kind,
        holder_id, person_id, role, source, address_id, state
    FROM held JOIN several_accounts USING (person_id)
    WHERE state = 'enabled'
    UNION ALL
    SELECT DISTINCT CASE WHEN s.lists THEN 'two_lists' ELSE 'several_people' END, address_id, 1,
        holder_id, person_id, role, source, address_id, state
    FROM held JOIN several_people s USING (address_id)
    UNION ALL
    SELECT 'two_posts', e.person_id, 2, h.holder_id, e.person_id, e.role, p.source, NULL, NULL
    FROM employment e
    JOIN several_posts USING (person_id)
    JOIN person p USING (person_id)
    JOIN agency_holder($1) h USING (agency_id)
    WHERE $1 BETWEEN e.first_day AND e.last_day
), numbered AS (
    SELECT *, dense_rank() OVER (ORDER BY of_kind, of) AS number,
        bool_or(holder_id = $2::integer) OVER (PARTITION BY of_kind, of) AS concerned
    FROM found
)
INSERT INTO report_row (agency_id, person_id, address_id, together, why, role, state, source)
SELECT holder_id, person_id, address_id, number, why, role, state, source FROM numbered
WHERE $2 IS NULL OR concerned;
