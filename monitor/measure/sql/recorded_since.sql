-- Since when captured documents and mail of each channel, and anybody's use of mailboxes ("accounts"),
-- are on record.
SELECT channel AS what, min(day) AS since FROM day_fact
WHERE indicator IN ('document_signed', 'mail_signed') GROUP BY 1
UNION ALL
SELECT 'accounts', month + (CASE WHEN days = 0 THEN 0 ELSE log(2, (days & -days)::numeric)::integer END)
FROM (
    SELECT month, bit_or(sent | login | submission | imap | pop | sync) AS days
    FROM activity_month WHERE month = (SELECT min(month) FROM activity_month) GROUP BY 1
) AS earliest
ORDER BY 1
