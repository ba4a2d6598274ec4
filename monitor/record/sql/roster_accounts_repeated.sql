-- An account in several rows: harmless where they say the same, then aliases are put together.
CREATE TEMPORARY TABLE repeated ON COMMIT DROP AS
SELECT l.at_row, r.first_row,
    (l.agency_id, l.kind, l.state, coalesce(l.since, '-infinity'))
    = (f.agency_id, f.kind, f.state, coalesce(f.since, '-infinity')) AS harmless
FROM (
    SELECT pseudonym, min(at_row) AS first_row FROM listed GROUP BY 1 HAVING count(*) > 1
) r
JOIN listed l ON l.pseudonym = r.pseudonym AND l.at_row <> r.first_row
JOIN listed f ON f.at_row = r.first_row;

UPDATE listed_address l SET at_row = r.first_row
FROM repeated r WHERE r.at_row = l.at_row AND r.harmless;

DELETE FROM listed_address l USING listed_address other, repeated r
WHERE r.first_row = l.at_row AND (other.at_row, other.pseudonym) = (l.at_row, l.pseudonym)
    AND other.ctid < l.ctid;

UPDATE listed f SET says_aliases = true
FROM repeated r JOIN listed l USING (at_row)
WHERE r.first_row = f.at_row AND r.harmless AND l.says_aliases;

DELETE FROM listed l USING repeated r WHERE r.at_row = l.at_row AND r.harmless;

-- An address of a closed account may be another's by now.
CREATE TEMPORARY TABLE shared ON COMMIT DROP AS
SELECT a.at_row, a.pseudonym, l.state = 'closed' AS closed,
    row_number() OVER (PARTITION BY a.pseudonym ORDER BY l.state = 'closed', a.at_row) AS place,
    first_value(a.at_row) OVER (PARTITION BY a.pseudonym ORDER BY l.state = 'closed', a.at_row)
        AS first_row
FROM (SELECT pseudonym FROM listed_address GROUP BY 1 HAVING count(*) > 1) r
JOIN listed_address a USING (pseudonym)
JOIN listed l USING (at_row)
WHERE a.at_row NOT IN (SELECT at_row FROM repeated);

DELETE FROM listed_address a USING shared s
WHERE (a.at_row, a.pseudonym) = (s.at_row, s.pseudonym) AND s.closed AND s.place > 1;

INSERT INTO remark
SELECT 'repeated', at_row, first_row FROM repeated WHERE harmless
UNION
SELECT 'address_reused', at_row, first_row FROM shared WHERE closed AND place > 1;

INSERT INTO conflict
SELECT 'twice', at_row, first_row FROM repeated WHERE NOT harmless
UNION
SELECT 'address_twice', at_row, first_row FROM shared WHERE NOT closed AND place > 1;

-- Which of them is right is not known.
INSERT INTO bad SELECT at_row FROM conflict UNION SELECT other_row FROM conflict;
