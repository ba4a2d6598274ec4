-- What the list means for each person. Only the last employment of a person is ever touched, and a
-- new one begins after its first day, so that no two overlap.
TRUNCATE plan, said, closing, held;

INSERT INTO plan
WITH latest AS (
    SELECT DISTINCT ON (person_id) person_id, first_day, last_day, agency_id, role
    FROM employment ORDER BY person_id, first_day DESC
), known AS (
    SELECT l.*, p.person_id, p.source AS held_by, t.as_of,
        e.first_day AS old_first, e.last_day AS old_last,
        e.agency_id AS old_agency_id, e.role AS old_role,
        (e.agency_id, e.role) = (l.agency_id, l.role) AS same,
        coalesce(l.last_day, 'infinity') < t.as_of AS has_left
    FROM listed l
    CROSS JOIN terms t
    LEFT JOIN person p USING (pseudonym)
    LEFT JOIN latest e USING (person_id)
    WHERE l.at_row NOT IN (SELECT at_row FROM bad)
), begun AS (
    SELECT *, CASE
        -- Who left before the list's day, and since when he was there is not said, leaves no trace.
        WHEN old_first IS NULL AND has_left THEN first_day
        WHEN old_first IS NULL THEN coalesce(first_day, as_of)
        WHEN same AND first_day > old_last THEN first_day
        WHEN same AND (has_left OR old_last >= as_of) THEN NULL
        WHEN same THEN as_of
        -- A day no later than the last change is when somebody entered the service, not when he
        -- moved; but what begins today or later may be corrected.
        WHEN first_day > old_first OR first_day = old_first AND old_first >= as_of THEN first_day
        WHEN NOT has_left THEN as_of
    END AS begins
    FROM known
), ended AS (
    SELECT *, CASE
        WHEN begins IS NOT NULL OR same THEN coalesce(last_day, 'infinity')
        ELSE least(old_last, last_day)
    END AS ends
    FROM begun
)
SELECT at_row, pseudonym, person_id, held_by, agency_id, role,
    old_first, old_last, old_agency_id, old_role, begins,
    CASE WHEN begins IS NOT NULL OR old_first IS NOT NULL THEN ends END,
    CASE WHEN NOT has_left THEN coalesce(begins, greatest(as_of, old_first)) END,
    CASE
        WHEN begins IS NOT NULL AND (old_first IS NULL OR old_last < begins - 1) THEN 'added'
        WHEN begins IS NOT NULL THEN 'changed'
        WHEN ends < old_last THEN 'ended'
        WHEN ends > old_last THEN 'changed'
        ELSE 'unchanged'
    END,
    sealed_key, sealed_name
FROM ended;

INSERT INTO plan (
    pseudonym, person_id, held_by, old_first, old_last, old_agency_id, old_role, ends, what
)
SELECT p.pseudonym, p.person_id, p.source,
    e.first_day, e.last_day, e.agency_id, e.role, t.as_of - 1, 'ended'
FROM terms t
JOIN person p USING (source)
JOIN employment e ON e.person_id = p.person_id AND t.as_of BETWEEN e.first_day AND e.last_day
WHERE t.ends_missing
    AND NOT EXISTS (
        SELECT FROM employment later
        WHERE later.person_id = e.person_id AND later.first_day > e.first_day
    )
    AND NOT EXISTS (SELECT FROM listed l WHERE l.pseudonym = p.pseudonym)
    AND NOT EXISTS (SELECT FROM left_out o WHERE o.pseudonym = p.pseudonym);

ANALYZE plan;

INSERT INTO said
SELECT p.at_row, p.person_id, p.pseudonym, p.addresses_from, l.pseudonym, l.sealed_address,
    a.address_id, p.addresses_from
FROM plan p JOIN listed_address l USING (at_row) LEFT JOIN address a ON a.pseudonym = l.pseudonym
WHERE p.addresses_from IS NOT NULL;

ANALYZE said;

-- A row without any address leaves those that are known as they are.
INSERT INTO closing
SELECT o.person_id, o.address_id, o.first_day,
    CASE
        WHEN o.first_day < p.addresses_from THEN p.addresses_from - 1
        WHEN o.first_day < t.as_of THEN t.as_of - 1
    END
FROM plan p
CROSS JOIN terms t
JOIN person_address o ON o.person_id = p.person_id AND o.last_day >= p.addresses_from
WHERE p.at_row IN (SELECT at_row FROM said)
    AND NOT EXISTS (
        SELECT FROM said s WHERE (s.person_id, s.address_id) = (o.person_id, o.address_id)
    );

DELETE FROM said s USING person_address o
WHERE (o.person_id, o.address_id) = (s.person_id, s.address_id) AND o.last_day >= s.addresses_from;

-- What somebody else has becomes free when that one has left or has it no more, and is taken over
-- on the day of the list at the earliest.
INSERT INTO held
SELECT s.at_row, o.person_id, o.address_id, o.first_day, greatest(s.addresses_from, t.as_of),
    least(had.until, coalesce(
        CASE WHEN q.person_id IS NOT NULL THEN q.ends ELSE (
            SELECT max(e.last_day) FROM employment e WHERE e.person_id = o.person_id
        ) END,
        '-infinity'
    ))
FROM said s
CROSS JOIN terms t
JOIN person_address o ON o.address_id = s.address_id AND o.last_day >= s.addresses_from
    AND o.person_id IS DISTINCT FROM s.person_id
LEFT JOIN closing c
    ON (c.person_id, c.address_id, c.first_day) = (o.person_id, o.address_id, o.first_day)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN c.person_id IS NULL THEN o.last_day ELSE coalesce(c.last_day, '-infinity')
    END
) had (until)
LEFT JOIN plan q ON q.person_id = o.person_id
WHERE had.until >= s.addresses_from;

UPDATE plan p SET what = 'changed'
WHERE what = 'unchanged' AND (
    at_row IN (SELECT at_row FROM said) OR person_id IN (SELECT person_id FROM closing)
);

DELETE FROM closing c USING held h
WHERE (c.person_id, c.address_id, c.first_day) = (h.person_id, h.address_id, h.first_day)
    AND c.last_day >= h.wanted_from;

INSERT INTO closing
SELECT h.person_id, h.address_id, h.first_day,
    CASE WHEN h.first_day < h.wanted_from THEN h.wanted_from - 1 END
FROM held h
WHERE NOT EXISTS (
    SELECT FROM closing c
    WHERE (c.person_id, c.address_id, c.first_day) = (h.person_id, h.address_id, h.first_day)
);

UPDATE said s SET begins = h.wanted_from FROM held h WHERE h.at_row = s.at_row
    AND h.address_id = s.address_id;
