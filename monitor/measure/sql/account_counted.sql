-- What was done by accounts, and by officials with them, where one row of the link says all: how
-- many of each group were active and regular in each window, and how they stand today. The few of
-- whom earlier months have to be asked have rows of their own.
CREATE TEMP TABLE account_counted ON COMMIT DROP AS
SELECT group_id, asked, min(address_first) FILTER (WHERE asked IS NOT NULL) AS address_first,
    min(address_last) FILTER (WHERE asked IS NOT NULL) AS address_last, count(*) AS units,
    $active AS active, $habitual AS habitual, $standing AS standing
FROM (SELECT row.*, $stands AS stands FROM ($account_days) AS row OFFSET '0') AS unit
GROUP BY 1, 2
