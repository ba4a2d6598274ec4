-- The last day of each kind of activity of addresses ($1: ids).
SELECT max(sent) AS sent, max(login) AS login, max(submission) AS submission, max(imap) AS imap,
    max(pop) AS pop, max(sync) AS sync, max(automatic) AS automatic
FROM address_activity WHERE address_id = ANY ($1::integer[]);
