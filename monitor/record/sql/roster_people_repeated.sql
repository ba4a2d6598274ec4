-- A person in several rows: harmless where they say the same, then their addresses are put together.
CREATE TEMPORARY TABLE repeated ON COMMIT DROP AS
SELECT l.at_row, r.first_row,
    (l.agency_id, l.role, coalesce(l.first_day, '-infinity'), coalesce(l.last_day, 'infinity'))
    = (f.agency_id, f.role, coalesce(f.first_day, '-infinity'), coalesce(f.last_day, 'infinity'))
    AS harmless
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

DELETE FROM listed l USING repeated r WHERE r.at_row = l.at_row AND r.harmless;

INSERT INTO remark SELECT 'repeated', at_row, first_row FROM repeated WHERE harmless;

INSERT INTO conflict
SELECT 'twice', at_row, first_row FROM repeated WHERE NOT harmless
UNION ALL
SELECT DISTINCT 'address_twice', at_row, first_row
FROM (
    SELECT l.at_row, min(l.at_row) OVER (PARTITION BY l.pseudonym) AS first_row
    FROM (SELECT pseudonym FROM listed_address GROUP BY 1 HAVING count(*) > 1) r
    JOIN listed_address l USING (pseudonym)
    JOIN listed p USING (at_row)
    WHERE coalesce(p.last_day, 'infinity') >= (SELECT as_of FROM terms)
        AND NOT EXISTS (SELECT FROM repeated WHERE at_row = l.at_row)
) l
WHERE at_row <> first_row;

-- Which of them is right is not known.
INSERT INTO bad SELECT at_row FROM conflict UNION SELECT other_row FROM conflict;
