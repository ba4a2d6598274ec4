-- People whose last employment ended before $1.
SELECT person_id FROM person p JOIN employment e USING (person_id)
WHERE p.erased_on IS NULL
GROUP BY person_id HAVING max(e.last_day) < $1
ORDER BY person_id
