-- Which addresses show the use of which accounts, and whose these are, until further notice.
--
-- One row an account, address and official, for the days on which that is so; what many rows have
-- in common, these days too, will be in one row of $link_group. `several`: the account or the
-- official has other rows too, so that days have to be united before they are counted; of all
-- others a row is the whole truth.
CREATE $kind TABLE $link_row AS
WITH held AS (
    SELECT a.address_id, e.person_id, e.agency_id,
        CASE e.role WHEN 'leader' THEN 1 ELSE 2 END AS role,
        greatest(e.first_day, a.first_day, $first) AS first_day,
        least(e.last_day, a.last_day, $last) AS last_day
    FROM employment e JOIN person_address a
        ON a.person_id = e.person_id AND a.first_day <= e.last_day AND a.last_day >= e.first_day
    WHERE e.first_day <= $last AND e.last_day >= $first
      AND a.first_day <= $last AND a.last_day >= $first
), use AS (
    SELECT p.account_id, a.address_id, p.agency_id,
        CASE p.kind WHEN 'personal' THEN 1 WHEN 'mailbox' THEN 2 ELSE 3 END AS kind,
        CASE p.state WHEN 'enabled' THEN 1 WHEN 'locked' THEN 2 ELSE 3 END AS state,
        greatest(p.first_day, a.first_day, $first) AS first_day,
        least(p.last_day, a.last_day, $last) AS last_day,
        nullif(a.first_day, '-infinity') AS address_first,
        nullif(a.last_day, 'infinity') AS address_last,
        o.created_on, o.reported_login
    FROM account_period p JOIN account_address a
        ON a.account_id = p.account_id AND a.first_day <= p.last_day AND a.last_day >= p.first_day
    JOIN account o ON o.account_id = p.account_id
    WHERE p.kind <> 'system' AND p.first_day <= $last AND p.last_day >= $first
      AND a.first_day <= $last AND a.last_day >= $first $only_accounts
), linked AS MATERIALIZED (
    SELECT u.account_id, u.address_id, h.person_id, u.agency_id AS account_agency,
        coalesce(h.agency_id, 0) AS person_agency, u.kind::smallint AS kind,
        u.state::smallint AS state, coalesce(h.role, 0)::smallint AS role,
        u.first_day AS account_first, u.last_day AS account_last,
        CASE WHEN h.person_id IS NULL THEN 'infinity' ELSE greatest(u.first_day, h.first_day) END
            AS held_first,
        CASE WHEN h.person_id IS NULL THEN '-infinity' ELSE least(u.last_day, h.last_day) END
            AS held_last,
        u.address_first, u.address_last, u.created_on, u.reported_login
    FROM use u LEFT JOIN held h ON h.address_id = u.address_id
        AND h.first_day <= u.last_day AND h.last_day >= u.first_day
), repeated_account AS (
    SELECT account_id FROM linked GROUP BY 1 HAVING count(*) > 1
), repeated_person AS (
    SELECT person_id FROM linked WHERE person_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1
)
SELECT l.*, a.account_id IS NOT NULL OR p.person_id IS NOT NULL AS several
FROM linked l LEFT JOIN repeated_account a USING (account_id)
LEFT JOIN repeated_person p ON p.person_id = l.person_id
