-- $1 today. The newest list of each source, and whether anybody or anything of it is still there.
SELECT what, source, max(as_of) AS as_of, CASE what
    WHEN 'people' THEN EXISTS (
        SELECT FROM person p JOIN employment e USING (person_id)
        WHERE p.source = r.source AND e.last_day >= $1
    )
    ELSE EXISTS (
        SELECT FROM account c JOIN account_period p USING (account_id)
        WHERE c.source = r.source AND p.last_day = 'infinity' AND p.state <> 'closed'
    )
END AS present
FROM import_run r
WHERE what IN ('people', 'accounts')
GROUP BY what, source
ORDER BY what, source
