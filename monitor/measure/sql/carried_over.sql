-- What retention has removed since is carried over from the closing before ($1) to the one after
-- ($2): facts of days before $3.
INSERT INTO closed_cell (closing_id, what, agency_id, channel, day, uids, states)
SELECT $2, what, agency_id, channel, day, uids, states FROM closed_cell
WHERE closing_id = $1 AND day < $3
