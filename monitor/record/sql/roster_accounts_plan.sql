-- What the list means for each account. Its last period is open; only that one is touched, and a
-- new one begins after its first day, so that no two overlap.
TRUNCATE plan, said, closing, held;

INSERT INTO plan
WITH latest AS (
    SELECT DISTINCT ON (account_id) account_id, first_day, agency_id, kind, state
    FROM account_period ORDER BY account_id, first_day DESC
), known AS (
    SELECT l.*, c.account_id, c.source AS held_by, t.as_of,
        p.first_day AS old_first, p.agency_id AS old_agency_id,
        p.kind AS old_kind, p.state AS old_state
    FROM listed l
    CROSS JOIN terms t
    LEFT JOIN address a USING (pseudonym)
    LEFT JOIN account c USING (address_id)
    LEFT JOIN latest p USING (account_id)
    WHERE l.at_row NOT IN (SELECT at_row FROM bad)
        -- What one system has closed may live on in another.
        AND (l.state <> 'closed' OR c.source IS NULL OR c.source = t.source)
), begun AS (
    SELECT *, CASE
        WHEN old_first IS NULL AND state = 'enabled' THEN coalesce(since, created_on, as_of)
        WHEN old_first IS NULL THEN coalesce(since, as_of)
        WHEN (agency_id, kind, state) = (old_agency_id, old_kind, old_state) THEN NULL
        WHEN state <> old_state AND since > old_first THEN since
        ELSE as_of
    END AS begins
    FROM known
)
SELECT at_row, pseudonym, account_id, held_by, agency_id, kind, state,
    old_first, old_agency_id, old_kind, old_state, begins,
    CASE WHEN old_first IS NULL THEN begins ELSE as_of END,
    CASE
        WHEN begins IS NULL THEN 'unchanged'
        WHEN old_first IS NULL THEN 'added'
        WHEN state = 'closed' AND old_state <> 'closed' THEN 'ended'
        ELSE 'changed'
    END,
    sealed_key, created_on, last_login, says_aliases
FROM begun;

INSERT INTO plan (
    pseudonym, account_id, held_by, agency_id, kind, state,
    old_first, old_agency_id, old_kind, old_state, begins, what
)
SELECT a.pseudonym, c.account_id, c.source, p.agency_id, p.kind, 'closed',
    p.first_day, p.agency_id, p.kind, p.state, t.as_of, 'ended'
FROM terms t
JOIN account c USING (source)
JOIN address a USING (address_id)
JOIN account_period p ON p.account_id = c.account_id AND p.last_day = 'infinity'
WHERE t.ends_missing AND p.state <> 'closed'
    AND NOT EXISTS (SELECT FROM listed l WHERE l.pseudonym = a.pseudonym)
    AND NOT EXISTS (SELECT FROM left_out o WHERE o.pseudonym = a.pseudonym);

ANALYZE plan;

INSERT INTO said
SELECT p.at_row, p.account_id, p.pseudonym, p.state,
    p.addresses_from, l.pseudonym, l.sealed_address, a.address_id, p.addresses_from
FROM plan p JOIN listed_address l USING (at_row) LEFT JOIN address a ON a.pseudonym = l.pseudonym;

ANALYZE said;

-- A list that does not say which aliases there are leaves those that are known as they are.
INSERT INTO closing
SELECT o.account_id, o.address_id, o.first_day,
    CASE WHEN o.first_day < p.addresses_from THEN p.addresses_from - 1 END
FROM plan p
JOIN account_address o ON o.account_id = p.account_id AND o.last_day >= p.addresses_from
WHERE p.says_aliases
    AND NOT EXISTS (
        SELECT FROM said s WHERE (s.account_id, s.address_id) = (o.account_id, o.address_id)
    );

DELETE FROM said s USING account_address o
WHERE (o.account_id, o.address_id) = (s.account_id, s.address_id)
    AND o.last_day >= s.addresses_from;

-- What another account has becomes free when that one is closed or has it no more, and is taken
-- over on the day of the list at the earliest.
INSERT INTO held
SELECT s.at_row, o.account_id, o.address_id, o.first_day, greatest(s.addresses_from, t.as_of),
    coalesce(
        q.state,
        (SELECT p.state FROM account_period p
            WHERE p.account_id = o.account_id AND p.last_day = 'infinity')
    ) = 'closed',
    coalesce(c.last_day, o.last_day) < greatest(s.addresses_from, t.as_of)
FROM said s
CROSS JOIN terms t
JOIN account_address o ON o.address_id = s.address_id AND o.last_day >= s.addresses_from
    AND o.account_id IS DISTINCT FROM s.account_id
LEFT JOIN closing c
    ON (c.account_id, c.address_id, c.first_day) = (o.account_id, o.address_id, o.first_day)
LEFT JOIN plan q ON q.account_id = o.account_id
WHERE c.account_id IS NULL OR c.last_day >= s.addresses_from;

-- A closed account claims nothing that another still has.
DELETE FROM said s USING held h
WHERE (h.at_row, h.address_id) = (s.at_row, s.address_id) AND s.state = 'closed'
    AND NOT h.given_up;
DELETE FROM held h WHERE NOT EXISTS (
    SELECT FROM said s WHERE (s.at_row, s.address_id) = (h.at_row, h.address_id)
);

UPDATE plan p SET what = 'changed'
WHERE what = 'unchanged' AND (
    at_row IN (SELECT at_row FROM said) OR account_id IN (SELECT account_id FROM closing)
);

DELETE FROM closing c USING held h
WHERE (c.account_id, c.address_id, c.first_day) = (h.account_id, h.address_id, h.first_day)
    AND c.last_day >= h.wanted_from;

INSERT INTO closing
SELECT h.account_id, h.address_id, h.first_day,
    CASE WHEN h.first_day < h.wanted_from THEN h.wanted_from - 1 END
FROM held h
WHERE NOT h.given_up AND NOT EXISTS (
    SELECT FROM closing c
    WHERE (c.account_id, c.address_id, c.first_day) = (h.account_id, h.address_id, h.first_day)
);

UPDATE said s SET begins = h.wanted_from FROM held h
WHERE (h.at_row, h.address_id) = (s.at_row, s.address_id);
