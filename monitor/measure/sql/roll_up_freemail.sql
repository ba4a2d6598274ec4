-- Official correspondence of the given days ($1) that went by free mail (docs/freemail.md). A unit is an
-- agency and a message: what it sent out or got from others with documents attached, neither automatic
-- nor internal; and whatever it used free mail for. Every message counts, verified or not.
--
-- Of messages recorded before documents were counted nothing is known: they are in no figure, and a day
-- of such messages alone has no row (the view leaves them out as well).
INSERT INTO day_fact (indicator, agency_id, channel, document_class, base, day, numerator,
                      denominator, undecided)
WITH
-- :include freemail_units
SELECT 'freemail', agency_id, 'mail', 'formal', '', day, count(u.message_uid), count(*), 0
FROM unit LEFT JOIN used u USING (agency_id, message_uid, day)
GROUP BY agency_id, day
