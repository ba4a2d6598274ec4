-- One round: each row and entry of a number that suit each other best. They are one document where
-- the document system's identifier says so; without it where the day or the subject (the first
-- eight bytes of a digest) is the same, or where no subject is known: a correction. Otherwise two
-- documents have one number.
WITH suiting AS (
    SELECT r.n, e.entry_id, r.digest, e.ordinal,
        (r.external_id = e.external_id) IS TRUE AS same_id,
        substr(r.digest, 1, 8) = substr(e.digest, 1, 8) AS same_subject,
        r.day = e.day AS same_day
    FROM open_row r JOIN open_entry e USING (agency_id, year, number_key)
    WHERE CASE WHEN r.external_id IS NOT NULL AND e.external_id IS NOT NULL
        THEN r.external_id = e.external_id
        ELSE r.day = e.day OR substr(r.digest, 1, 8) = substr(e.digest, 1, 8)
            OR substr(r.digest, 1, 8) = $1 OR substr(e.digest, 1, 8) = $1
    END
), ranked AS (
    SELECT n, entry_id,
        row_number() OVER (PARTITION BY n
            ORDER BY same_id DESC, same_subject DESC, same_day DESC, ordinal) AS of_row,
        row_number() OVER (PARTITION BY entry_id
            ORDER BY same_id DESC, same_subject DESC, same_day DESC, digest) AS of_entry
    FROM suiting
), paired AS (
    INSERT INTO plan (n, entry_id, what)
    SELECT n, entry_id, 'changed' FROM ranked WHERE of_row = 1 AND of_entry = 1
    RETURNING n, entry_id
), taken_rows AS (
    DELETE FROM open_row r USING paired p WHERE p.n = r.n
), taken_entries AS (
    DELETE FROM open_entry e USING paired p WHERE p.entry_id = e.entry_id
)
SELECT count(*) FROM paired
