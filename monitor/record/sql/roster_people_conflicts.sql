-- Rows that contradict what is recorded.
INSERT INTO conflict
SELECT 'source', at_row, NULL::integer, old_first, held_by
FROM plan, terms
WHERE at_row IS NOT NULL AND held_by <> source AND old_last >= as_of
UNION ALL
SELECT 'later', at_row, NULL, old_first, NULL FROM plan WHERE begins < old_first
UNION ALL
SELECT 'before', at_row, NULL, old_first, NULL FROM plan
WHERE at_row IS NOT NULL AND begins IS NULL AND ends < old_first
UNION ALL
SELECT 'address_held', h.at_row, q.at_row, h.first_day, p.source
FROM held h JOIN person p USING (person_id) LEFT JOIN plan q USING (person_id)
WHERE h.held_until >= h.wanted_from;

INSERT INTO bad SELECT at_row FROM conflict EXCEPT SELECT at_row FROM bad;
