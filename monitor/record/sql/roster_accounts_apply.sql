-- The plan, done.
INSERT INTO address (pseudonym, sealed_address)
SELECT DISTINCT ON (pseudonym) pseudonym, sealed_address FROM (
    SELECT pseudonym, sealed_address FROM said WHERE address_id IS NULL
    UNION ALL
    SELECT pseudonym, sealed_key FROM plan WHERE account_id IS NULL
) wanted
ORDER BY pseudonym
ON CONFLICT (pseudonym) DO NOTHING;

INSERT INTO account (address_id, source, created_on, reported_login)
SELECT a.address_id, t.source, p.created_on, p.last_login
FROM plan p JOIN address a USING (pseudonym) CROSS JOIN terms t
WHERE p.account_id IS NULL
ORDER BY a.address_id;

UPDATE account c SET
    source = t.source,
    created_on = coalesce(c.created_on, p.created_on),
    reported_login = greatest(c.reported_login, p.last_login)
FROM plan p CROSS JOIN terms t
WHERE c.account_id = p.account_id AND p.at_row IS NOT NULL AND (
    c.source <> t.source
    OR c.created_on IS NULL AND p.created_on IS NOT NULL
    OR p.last_login > coalesce(c.reported_login, '-infinity')
);

UPDATE account_period o SET
    last_day = CASE WHEN p.begins > p.old_first THEN p.begins - 1 ELSE o.last_day END,
    agency_id = CASE WHEN p.begins = p.old_first THEN p.agency_id ELSE o.agency_id END,
    kind = CASE WHEN p.begins = p.old_first THEN p.kind ELSE o.kind END,
    state = CASE WHEN p.begins = p.old_first THEN p.state ELSE o.state END
FROM plan p
WHERE (o.account_id, o.first_day) = (p.account_id, p.old_first) AND p.begins IS NOT NULL;

INSERT INTO account_period (account_id, first_day, last_day, agency_id, kind, state)
SELECT c.account_id, p.begins, 'infinity', p.agency_id, p.kind, p.state
FROM plan p JOIN address a USING (pseudonym) JOIN account c USING (address_id)
WHERE p.begins IS NOT NULL AND p.begins IS DISTINCT FROM p.old_first
ORDER BY c.account_id;

DELETE FROM account_address o USING closing c
WHERE (o.account_id, o.address_id, o.first_day) = (c.account_id, c.address_id, c.first_day)
    AND c.last_day IS NULL;

UPDATE account_address o SET last_day = c.last_day FROM closing c
WHERE (o.account_id, o.address_id, o.first_day) = (c.account_id, c.address_id, c.first_day)
    AND c.last_day < o.last_day;

INSERT INTO account_address (address_id, first_day, last_day, account_id)
SELECT a.address_id, s.begins, 'infinity', c.account_id
FROM said s
JOIN address a ON a.pseudonym = s.pseudonym
JOIN address own ON own.pseudonym = s.account_pseudonym
JOIN account c ON c.address_id = own.address_id
ORDER BY a.address_id;

UPDATE person_address o SET last_day = t.as_of - 1
FROM owning w CROSS JOIN terms t
WHERE o.address_id = w.address_id AND o.last_day >= t.as_of;

INSERT INTO person_address (person_id, first_day, last_day, address_id)
SELECT w.person_id, w.first_day, 'infinity', a.address_id
FROM owning w JOIN address a USING (pseudonym)
ORDER BY w.person_id;

ANALYZE address, account, account_period, account_address, person_address;
