-- What one transaction matches; gone with it. A file is one content of one agency: its rows in
-- several channels meet the same entries.
CREATE TEMPORARY TABLE match_due (
    agency_id integer, day date, of_documents boolean
) ON COMMIT DROP;

CREATE TEMPORARY TABLE match_file (
    agency_id integer, content_hash bytea, PRIMARY KEY (agency_id, content_hash)
) ON COMMIT DROP;

CREATE TEMPORARY TABLE match_document (
    document_uid uuid PRIMARY KEY, day date, agency_id integer, content_hash bytea,
    issued_on date, number text, notation text, file_name text, name_key text, relayed boolean
) ON COMMIT DROP;

-- A document's number as registers write it; `whole` where it has its notation.
CREATE TEMPORARY TABLE match_number (
    document_uid uuid PRIMARY KEY, number_key text, whole boolean
) ON COMMIT DROP;

CREATE TEMPORARY TABLE match_name (
    entry_id bigint, agency_id integer, day date, number_key text, name_key text
) ON COMMIT DROP;

-- Contents that bear a name which an entry near gives.
CREATE TEMPORARY TABLE match_namesake (
    entry_id bigint, name_key text, agency_id integer, content_hash bytea
) ON COMMIT DROP;

-- Strength: 8 by hand, 4 hash, 2 number, 1 file name, so that what is stronger outweighs all that is
-- weaker together. Not `alone`: another content has the same claim.
CREATE TEMPORARY TABLE match_candidate (
    agency_id integer, content_hash bytea, document_uid uuid, entry_id bigint, strength integer,
    alone boolean
) ON COMMIT DROP;

CREATE TEMPORARY TABLE match_scored (
    agency_id integer, content_hash bytea, entry_id bigint, score integer, found boolean
) ON COMMIT DROP;

CREATE TEMPORARY TABLE match_touched (entry_id bigint) ON COMMIT DROP;

-- Documents whose role is looked at. `asked`: what lies beside them is being sought.
CREATE TEMPORARY TABLE match_role (
    document_uid uuid PRIMARY KEY, day date, agency_id integer, asked boolean
) ON COMMIT DROP;

CREATE TEMPORARY TABLE match_beside (together text, document_uid uuid) ON COMMIT DROP;
