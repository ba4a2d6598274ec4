-- Rows that contradict what is recorded.
INSERT INTO conflict
SELECT 'source', at_row, NULL::integer, old_first, held_by
FROM plan, terms
WHERE at_row IS NOT NULL AND held_by <> source AND old_state <> 'closed'
UNION ALL
SELECT 'later', at_row, NULL, old_first, NULL FROM plan
WHERE at_row IS NOT NULL AND begins < old_first
UNION ALL
SELECT 'address_held', h.at_row, q.at_row, h.first_day, c.source
FROM held h JOIN account c USING (account_id) LEFT JOIN plan q USING (account_id)
WHERE NOT h.is_free AND NOT h.given_up;

INSERT INTO bad SELECT at_row FROM conflict EXCEPT SELECT at_row FROM bad;
