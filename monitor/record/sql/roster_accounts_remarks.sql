-- Closed here, and another source has the account.
INSERT INTO remark
SELECT 'elsewhere', l.at_row, NULL, NULL, c.source
FROM listed l JOIN address a USING (pseudonym) JOIN account c USING (address_id), terms t
WHERE l.state = 'closed' AND c.source <> t.source;
