-- Every content of the agency that bears, near, a name by which a file meets an entry.
INSERT INTO match_namesake
SELECT DISTINCT hit.entry_id, hit.name_key, d.agency_id, d.content_hash
FROM (
    SELECT DISTINCT n.entry_id, n.name_key, n.agency_id, n.day
    FROM match_name n JOIN match_document m ON m.agency_id = n.agency_id
        AND m.name_key = n.name_key AND m.day BETWEEN n.day - $1::integer AND n.day + $2::integer
    WHERE NOT m.relayed
) AS hit JOIN document d ON d.agency_id = hit.agency_id
    AND file_name_key(d.file_name) = hit.name_key
    AND d.day BETWEEN hit.day - $1::integer AND hit.day + $2::integer
WHERE NOT d.relayed
