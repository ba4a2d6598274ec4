-- Which mails a closing ($2) counts on the given days ($1), and as what. Below rate 1 those without
-- formal documents are units too: all they had may have turned out to be relayed.
INSERT INTO closed_cell (closing_id, what, agency_id, channel, day, uids, states)
SELECT $2, 'message', sender_agency_id, channel, day, array_agg(message_uid ORDER BY message_uid),
    array_agg(message_state(overall, cause, formal_documents, formal_valid, formal_ours, sampled,
                            sampled_rate) ORDER BY message_uid)
FROM message
WHERE day = ANY ($1::date[]) AND direction = 'out' AND NOT automatic
  AND (formal_documents > 0 OR sampled_rate < 1)
GROUP BY sender_agency_id, channel, day
