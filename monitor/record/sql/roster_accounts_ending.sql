-- How many accounts are ended, and how many of them and of those that stay there were.
SELECT count(*) FILTER (WHERE what = 'ended') AS ending,
    count(*) FILTER (WHERE old_state <> 'closed') AS present
FROM plan;
