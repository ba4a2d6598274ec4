-- What a register says, and what is to be done about it; gone with the transaction.
CREATE TEMPORARY TABLE terms (
    source text, direction text, as_of date, whole boolean, first_day date, last_day date,
    missing_is_gone boolean, run_id integer
) ON COMMIT DROP;

CREATE TEMPORARY TABLE listed (
    n integer, file smallint, at_row integer, agency_id integer, year smallint, number_key text,
    day date, number text, number_value integer, notation text, series text,
    issued_on date, arrived_on date, arrival_number text, document_type text, role text,
    secret boolean, paper text, status text, signed_at timestamptz, sent_at timestamptz,
    recipients integer, file_names text[], file_hashes bytea[], external_id text,
    sealed_subject bytea, sealed_signer bytea, sealed_recipients bytea, digest bytea
) ON COMMIT DROP;

-- Rows that say the same are one; its first row stands for it.
CREATE TEMPORARY TABLE kept (
    n integer, copies bigint, agency_id integer, year smallint, number_key text, digest bytea,
    day date, external_id text
) ON COMMIT DROP;

-- What is wrong with rows: they are left out. `entry_id` is the entry that it is about.
CREATE TEMPORARY TABLE conflict (
    kind text, n integer, entry_id bigint, times bigint, day date
) ON COMMIT DROP;

-- A row and its entry of before; `ordinal` is that of a new one.
CREATE TEMPORARY TABLE plan (
    n integer, entry_id bigint, what text, fields text[], ordinal smallint
) ON COMMIT DROP;

CREATE TEMPORARY TABLE open_row (
    n integer, agency_id integer, year smallint, number_key text, digest bytea, day date,
    external_id text
) ON COMMIT DROP;

CREATE TEMPORARY TABLE open_entry (
    entry_id bigint, agency_id integer, year smallint, number_key text, digest bytea, day date,
    external_id text, ordinal smallint, source text, as_of date
) ON COMMIT DROP;

CREATE TEMPORARY TABLE gone (entry_id bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE present (entry_id bigint) ON COMMIT DROP;
