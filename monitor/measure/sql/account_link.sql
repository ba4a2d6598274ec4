-- Which addresses show the use of which accounts, and whose these are, on the roster days.
--
-- One row an account, address and official. `traits` holds, from its lowest bit: 2 bits kind of the
-- account (1 personal, 2 mailbox, 3 shared), 2 bits its state (1 enabled, 2 locked, 3 closed),
-- 2 bits role of the official (0 none, 1 leader, 2 staff), 4 bits on which roster days the account
-- stands so and has the address, 4 bits on which of these the address is the official's too.
-- `several`: the account or the official has other rows too, so that days have to be united
-- before they are counted; of all others a row is the whole truth.
CREATE $kind TABLE $link AS
WITH held AS (
    SELECT a.address_id, e.person_id, e.agency_id,
        CASE e.role WHEN 'leader' THEN 1 ELSE 2 END AS role,
        $days_of_e & $days_of_a AS days
    FROM employment e JOIN person_address a USING (person_id)
    WHERE $during_e AND $during_a
), use AS (
    SELECT p.account_id, a.address_id, p.agency_id,
        CASE p.kind WHEN 'personal' THEN 1 WHEN 'mailbox' THEN 2 ELSE 3 END AS kind,
        CASE p.state WHEN 'enabled' THEN 1 WHEN 'locked' THEN 2 ELSE 3 END AS state,
        $days_of_p & $days_of_a AS days,
        a.first_day AS address_first, a.last_day AS address_last,
        o.created_on, o.reported_login
    FROM account_period p JOIN account_address a USING (account_id)
    JOIN account o USING (account_id)
    WHERE p.kind <> 'system' AND $during_p AND $during_a $only_accounts
), linked AS MATERIALIZED (
    SELECT u.account_id, u.address_id, h.person_id, u.agency_id AS account_agency,
        coalesce(h.agency_id, 0) AS person_agency,
        u.kind | (u.state << 2) | (coalesce(h.role, 0) << 4) | (u.days << 6)
            | (coalesce(u.days & h.days, 0) << 10) AS traits,
        u.address_first, u.address_last, u.created_on, u.reported_login
    FROM use u LEFT JOIN held h USING (address_id)
), repeated_account AS (
    SELECT account_id FROM linked GROUP BY 1 HAVING count(*) > 1
), repeated_person AS (
    SELECT person_id FROM linked WHERE person_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1
)
SELECT l.*, a.account_id IS NOT NULL OR p.person_id IS NOT NULL AS several
FROM linked l LEFT JOIN repeated_account a USING (account_id)
LEFT JOIN repeated_person p ON p.person_id = l.person_id
