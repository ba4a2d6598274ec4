-- Closed here, and another source has the account.
INSERT INTO remark
SELECT 'elsewhere', l.at_row, NULL, NULL, c.source
FROM listed l JOIN address a USING (pseudonym) JOIN account c USING (address_id), terms t
WHERE l.state = 'closed' AND c.source <> t.source;

-- Where the lists of people have no addresses, the staff numbers of accounts say whose they are:
-- since this employment began, or from now on if it was somebody else's before.
INSERT INTO owning
SELECT l.at_row, w.person_id, l.pseudonym, a.address_id,
    CASE
        WHEN EXISTS (SELECT FROM person_address o WHERE o.address_id = a.address_id) THEN t.as_of
        ELSE e.first_day
    END
FROM listed l
CROSS JOIN terms t
JOIN person w ON w.pseudonym = l.owner
JOIN employment e ON e.person_id = w.person_id AND t.as_of BETWEEN e.first_day AND e.last_day
LEFT JOIN address a ON a.pseudonym = l.pseudonym
WHERE l.at_row NOT IN (SELECT at_row FROM bad) AND l.kind = 'personal' AND l.state <> 'closed'
    AND NOT EXISTS (
        SELECT FROM person_address o
        WHERE o.person_id = w.person_id AND o.last_day >= t.as_of
    )
    AND NOT EXISTS (
        SELECT FROM person_address o LEFT JOIN employment job
            ON job.person_id = o.person_id AND job.last_day >= t.as_of
        WHERE o.address_id = a.address_id AND o.last_day >= t.as_of
            AND (job.person_id IS NOT NULL OR o.first_day >= t.as_of)
    );

INSERT INTO remark SELECT 'owner', at_row FROM owning;
