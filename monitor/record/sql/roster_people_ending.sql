-- How many people are ended, and how many of them and of those that stay there were.
SELECT count(*) FILTER (WHERE what = 'ended') AS ending,
    count(*) FILTER (WHERE old_last >= (SELECT as_of FROM terms)) AS present
FROM plan;
