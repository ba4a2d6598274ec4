-- When a mailbox was used last, and whether that was after its owner left: `used` says it.
UPDATE report_row r SET
    last_human = u.last_human,
    last_other = u.last_other,
    why = CASE
        WHEN u.last_human > r.day THEN 'used_after'
        WHEN u.last_other > r.day THEN 'polled_after'
        ELSE r.why
    END
FROM used u JOIN account a USING (account_id)
WHERE a.address_id = r.address_id;
