-- The plan, done.
INSERT INTO address (pseudonym, sealed_address)
SELECT DISTINCT ON (pseudonym) pseudonym, sealed_address FROM said WHERE address_id IS NULL
ORDER BY pseudonym
ON CONFLICT (pseudonym) DO NOTHING;

INSERT INTO person (pseudonym, source, sealed_key, sealed_name)
SELECT p.pseudonym, t.source, p.sealed_key, p.sealed_name FROM plan p CROSS JOIN terms t
WHERE p.person_id IS NULL AND p.begins IS NOT NULL
ORDER BY p.pseudonym;

UPDATE person p SET source = t.source, sealed_name = coalesce(n.sealed_name, p.sealed_name)
FROM plan n CROSS JOIN terms t
WHERE p.person_id = n.person_id AND n.at_row IS NOT NULL
    AND (n.held_by <> (SELECT source FROM terms) OR n.sealed_name IS NOT NULL)
    AND (p.source <> t.source OR n.what <> 'unchanged' OR p.sealed_name IS NULL);

DELETE FROM employment e USING plan p
WHERE (e.person_id, e.first_day) = (p.person_id, p.old_first)
    AND p.begins IS NULL AND p.ends < p.old_first;

UPDATE employment e SET
    last_day = CASE
        WHEN p.begins > p.old_first THEN least(p.old_last, p.begins - 1)
        ELSE p.ends
    END,
    agency_id = CASE WHEN p.begins = p.old_first THEN p.agency_id ELSE e.agency_id END,
    role = CASE WHEN p.begins = p.old_first THEN p.role ELSE e.role END
FROM plan p
WHERE (e.person_id, e.first_day) = (p.person_id, p.old_first) AND p.what <> 'unchanged'
    AND (p.begins <= p.old_last OR p.begins IS NULL AND p.ends <> p.old_last);

INSERT INTO employment (person_id, first_day, last_day, agency_id, role)
SELECT w.person_id, p.begins, p.ends, p.agency_id, p.role
FROM plan p JOIN person w USING (pseudonym)
WHERE p.begins IS NOT NULL AND p.begins IS DISTINCT FROM p.old_first
ORDER BY w.person_id;

DELETE FROM person_address o USING closing c
WHERE (o.person_id, o.address_id, o.first_day) = (c.person_id, c.address_id, c.first_day)
    AND c.last_day IS NULL;

UPDATE person_address o SET last_day = c.last_day FROM closing c
WHERE (o.person_id, o.address_id, o.first_day) = (c.person_id, c.address_id, c.first_day)
    AND c.last_day < o.last_day;

INSERT INTO person_address (person_id, first_day, last_day, address_id)
SELECT w.person_id, s.begins, 'infinity', a.address_id
FROM said s
JOIN person w ON w.pseudonym = s.person_pseudonym
JOIN address a ON a.pseudonym = s.pseudonym
ORDER BY w.person_id;

ANALYZE address, person, employment, person_address;
