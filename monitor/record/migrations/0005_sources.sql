-- Registers of document systems, the document exchange axis, and what is published on portals
-- (docs/decisions/0017-sources.md).
--
-- Days are Vietnam days. As elsewhere, large tables have no foreign keys.

-- -- what a document is, by which rule it is complete ------------------------------------------------

ALTER TABLE document
    ADD COLUMN role text NOT NULL DEFAULT 'main',
    ADD COLUMN role_by text,
    ADD COLUMN organisation_signed boolean NOT NULL DEFAULT false,
    ADD COLUMN dispatch_known boolean NOT NULL DEFAULT true,
    ADD COLUMN origin text;
COMMENT ON COLUMN document.role IS
    '"main"; "appendix" and "copy" are complete with the organisation''s signature alone '
    '(Nghị định 30/2020).';
COMMENT ON COLUMN document.role_by IS
    'Who says so: "source" (its manifest), "container" (the message that it came in), "register", '
    '"notation", "file_name" (beside its document). Null: nobody does.';
COMMENT ON COLUMN document.organisation_signed IS
    'A valid organisation''s signature of the issuing agency is there.';
COMMENT ON COLUMN document.dispatch_known IS
    'first_at is when it was sent; false where it is only when the file was met.';
COMMENT ON COLUMN document.origin IS 'Of a portal: the address it was published at.';

UPDATE document d SET organisation_signed = true
FROM signature s
WHERE s.owner = 'document' AND s.owner_uid = d.document_uid AND s.day = d.day AND s.counts
  AND s.indication = 'TOTAL-PASSED' AND s.signer_kind = 'organisation'
  AND s.signer_agency_id = d.agency_id AND d.agency_id <> 0;

-- Whether a time of dispatch was given was not kept: by the receipt alone nothing is called late.
UPDATE document SET dispatch_known = false WHERE channel <> 'mail';

-- -- registers -----------------------------------------------------------------------------------------

CREATE TABLE register_entry (
    entry_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency_id     integer NOT NULL,
    direction     text NOT NULL,
    year          smallint NOT NULL,
    number_key    text NOT NULL,
    ordinal       smallint NOT NULL DEFAULT 1,
    day           date NOT NULL,
    number        text,
    number_value  integer,
    notation      text,
    series        text NOT NULL DEFAULT '',
    issued_on     date,
    arrived_on    date,
    arrival_number text,
    document_type text,
    role          text NOT NULL DEFAULT 'main',
    secret        boolean NOT NULL DEFAULT false,
    paper         text,
    status        text,
    signed_at     timestamptz,
    sent_at       timestamptz,
    recipients    integer,
    file_names    text[] NOT NULL DEFAULT '{}',
    file_hashes   bytea[] NOT NULL DEFAULT '{}',
    external_id   text,
    sealed_subject    bytea,
    sealed_signer     bytea,
    sealed_recipients bytea,
    digest        bytea NOT NULL,
    first_run_id  integer NOT NULL,
    run_id        integer NOT NULL,
    gone_run_id   integer,
    UNIQUE (agency_id, direction, year, number_key, ordinal)
);
CREATE INDEX register_entry_day ON register_entry (day);
CREATE INDEX register_entry_agency_day ON register_entry (agency_id, day);
CREATE INDEX register_entry_hashes ON register_entry USING gin (file_hashes) WITH (fastupdate = off)
    WHERE file_hashes <> '{}';
COMMENT ON TABLE register_entry IS
    'One row a document of an agency''s register (sổ văn bản đi, đến), as the last import has it. What '
    'it says is the agency''s own word.';
COMMENT ON COLUMN register_entry.direction IS '"out": issued by the agency; "in": received.';
COMMENT ON COLUMN register_entry.year IS
    'Numbers begin anew each 1 January (Nghị định 30/2020): of issue, of arrival for "in".';
COMMENT ON COLUMN register_entry.number_key IS
    'Number and notation in one form for comparison (of "in" the arrival number), or the document '
    'system''s own identifier where a document has none.';
COMMENT ON COLUMN register_entry.ordinal IS 'Several documents under one number count each.';
COMMENT ON COLUMN register_entry.day IS 'Of issue, of arrival for "in": the day it counts on.';
COMMENT ON COLUMN register_entry.number_value IS 'The number, for gaps; null where it is none.';
COMMENT ON COLUMN register_entry.series IS
    'Documents that share one run of numbers: empty is the whole agency.';
COMMENT ON COLUMN register_entry.secret IS 'Out of scope (Quyết định 28/2018): in no figure.';
COMMENT ON COLUMN register_entry.paper IS
    '"electronic", "parallel", "paper", as the register says; null where it does not say.';
COMMENT ON COLUMN register_entry.digest IS
    'Keyed hash of all that the row says: the same again changes nothing.';
COMMENT ON COLUMN register_entry.gone_run_id IS
    'The import of a complete list that did not have it any more: in no figure since.';

CREATE TABLE register_entry_past (LIKE register_entry);
ALTER TABLE register_entry_past ADD COLUMN replaced_run_id integer NOT NULL;
CREATE INDEX register_entry_past_entry ON register_entry_past (entry_id);
COMMENT ON TABLE register_entry_past IS 'What an entry said before an import corrected it.';

CREATE TABLE register_span (
    agency_id integer NOT NULL,
    direction text NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    run_id    integer NOT NULL,
    PRIMARY KEY (agency_id, direction, first_day)
);
COMMENT ON TABLE register_span IS
    'Days that an agency''s register has been given for; neighbouring ones are joined. Outside them '
    'there is no register, so no data.';

-- -- registers and files ---------------------------------------------------------------------------------

CREATE TABLE register_file (
    entry_id     bigint NOT NULL,
    document_uid uuid NOT NULL,
    how          text NOT NULL,
    matched_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, document_uid)
);
CREATE INDEX register_file_document ON register_file (document_uid);
COMMENT ON COLUMN register_file.how IS
    'What they met by: "hash", "number" (with notation and day), "file_name", "by_hand", '
    '"refused" (by hand: never to be matched).';

CREATE TABLE register_match_due (
    agency_id    integer NOT NULL,
    day          date NOT NULL,
    of_documents boolean NOT NULL DEFAULT false
);
CREATE INDEX register_match_due_agency ON register_match_due (agency_id);
COMMENT ON TABLE register_match_due IS
    'Agencies and days whose entries (or documents, as `of_documents` says) are to be matched anew. '
    'Rows are only ever added and taken, so writers never wait for each other.';

CREATE FUNCTION note_match_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO register_match_due SELECT DISTINCT agency_id, day, true FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER document_recorded AFTER INSERT ON document
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_match_due();

-- Names of files as they are compared: by their last part, composed, without case.
CREATE FUNCTION file_name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(normalize(btrim(regexp_replace(name, '^.*[/\\]', ''))));

-- -- the document exchange axis --------------------------------------------------------------------------

CREATE TABLE axis_message (
    axis_uid         uuid PRIMARY KEY,
    day              date NOT NULL,
    sender_code      text NOT NULL,
    sender_agency_id integer NOT NULL,
    document_ref     text NOT NULL,
    number           text,
    notation         text,
    issued_on        date,
    document_type    text,
    business         text,
    paper            boolean,
    due_on           date,
    sent_at          timestamptz,
    first_received_at timestamptz NOT NULL,
    copies           integer NOT NULL,
    documents        integer NOT NULL,
    container        text NOT NULL,
    findings         text[] NOT NULL,
    sealed_subject   bytea,
    sealed_signer    bytea,
    sender_name      text,
    base_uid         uuid,
    version          bytea NOT NULL DEFAULT ''
);
CREATE INDEX axis_message_sender ON axis_message (sender_agency_id, day);
CREATE INDEX axis_message_day ON axis_message (day);
CREATE INDEX axis_message_base ON axis_message (base_uid) WHERE base_uid IS NOT NULL;
COMMENT ON TABLE axis_message IS
    'One row an edXML document message; copies of it merge. axis_uid: first 128 bits of SHA-256 over '
    'the issuer''s organ code and the DocumentId, by which status messages name it (base_uid).';
COMMENT ON COLUMN axis_message.base_uid IS
    'Of one that revokes, updates or replaces a document: what its DocumentId names, often that '
    'document''s own. Where a new document of this name was seen, statuses are of that, and else of '
    'this message.';
COMMENT ON COLUMN axis_message.version IS
    'SHA-256 of what it says of the document, by which copies and other versions are told apart; the '
    'row is the version that came first.';
COMMENT ON COLUMN axis_message.container IS
    'Verdict of the signature on the message itself; its documents carry their own.';

CREATE TABLE axis_document (
    axis_uid     uuid NOT NULL,
    document_uid uuid NOT NULL,
    PRIMARY KEY (axis_uid, document_uid)
);
CREATE INDEX axis_document_document ON axis_document (document_uid);

CREATE TABLE axis_recipient (
    axis_uid   uuid NOT NULL,
    organ_code text NOT NULL,
    agency_id  integer NOT NULL,
    name       text,
    PRIMARY KEY (axis_uid, organ_code)
);
CREATE INDEX axis_recipient_agency ON axis_recipient (agency_id);

CREATE TABLE axis_status (
    axis_uid    uuid NOT NULL,
    organ_code  text NOT NULL,
    status      text NOT NULL,
    at          timestamptz NOT NULL,
    agency_id   integer NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (axis_uid, organ_code, status, at)
);
COMMENT ON TABLE axis_status IS
    'What receivers said of documents, each once; it may be there before its document is.';

CREATE TABLE axis_relation (
    axis_uid uuid NOT NULL,
    of_uid   uuid NOT NULL,
    business text NOT NULL,
    PRIMARY KEY (axis_uid, of_uid)
);
CREATE INDEX axis_relation_of ON axis_relation (of_uid);
COMMENT ON TABLE axis_relation IS 'Which message revokes, updates or replaces which other.';

-- The n-th working day before a day, that day left out.
CREATE FUNCTION working_day_before(day date, n integer) RETURNS date
LANGUAGE sql STABLE
RETURN (
    SELECT before.day::date
    FROM generate_series(working_day_before.day - 1, working_day_before.day - 2 * n - 60,
                         interval '-1 day') AS before (day)
    WHERE is_working_day(before.day::date)
    ORDER BY before.day DESC OFFSET n - 1 LIMIT 1
);

CREATE TABLE axis_delivery (
    axis_uid         uuid NOT NULL,
    organ_code       text NOT NULL,
    day              date NOT NULL,
    sender_agency_id integer NOT NULL,
    agency_id        integer NOT NULL,
    name             text,
    sent_at          timestamptz NOT NULL,
    sent_known       boolean NOT NULL,
    arrived_at       timestamptz,
    received_at      timestamptz,
    assigned_at      timestamptz,
    processing_at    timestamptz,
    done_at          timestamptz,
    rejected_at      timestamptz,
    taken_at         timestamptz,
    recalled_at      timestamptz,
    state            text NOT NULL,
    PRIMARY KEY (axis_uid, organ_code)
);
CREATE INDEX axis_delivery_day ON axis_delivery (day);
CREATE INDEX axis_delivery_sender ON axis_delivery (sender_agency_id, day);
CREATE INDEX axis_delivery_agency ON axis_delivery (agency_id, day);
CREATE INDEX axis_delivery_waiting ON axis_delivery (day) WHERE state IN ('sent', 'arrived');
COMMENT ON TABLE axis_delivery IS
    'One row a document message and receiver: first time of each status, and the state by the rule '
    'of docs/axis.md. Derived from the other axis tables where axis_due says so.';
COMMENT ON COLUMN axis_delivery.organ_code IS
    'An agency that is named by several organ codes is one receiver, under the first of them.';

CREATE TABLE axis_due (
    axis_uid uuid NOT NULL
);
COMMENT ON TABLE axis_due IS
    'Messages whose deliveries are to be derived anew. Rows are only ever added and taken, so '
    'writers never wait for each other.';

-- -- coverage of more than mail --------------------------------------------------------------------------

ALTER TABLE coverage_day
    ADD COLUMN channel text NOT NULL DEFAULT 'mail',
    DROP CONSTRAINT coverage_day_pkey,
    ADD PRIMARY KEY (day, agency_id, channel);
COMMENT ON TABLE coverage_day IS
    'What an independent source says was sent (mail: the gateway''s log; docsys: the register), and '
    'how much of it was captured.';

-- -- figures that have two denominators or two kinds of witness ---------------------------------------------

ALTER TABLE day_fact
    ADD COLUMN base text NOT NULL DEFAULT '',
    DROP CONSTRAINT day_fact_pkey,
    ADD PRIMARY KEY (day, indicator, agency_id, channel, document_class, base);
COMMENT ON COLUMN day_fact.base IS
    '"observed": what captured files alone prove; empty is, of figures of registers, the register''s '
    'word, corrected where a capture contradicts it.';

-- -- which days' figures a change of registers moves ---------------------------------------------------------

-- Whoever writes entries and their files, the days whose facts follow are noted here. Entries that
-- retention removes move nothing: what was derived of them stays.
CREATE FUNCTION note_register_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO changed_day SELECT DISTINCT day FROM added WHERE direction = 'out';
        RETURN NULL;
    END IF;
    -- A new key seals entries anew, which changes no figure.
    INSERT INTO changed_day
    WITH moved AS (
        SELECT entry_id, o.day AS old_day, n.day AS new_day
        FROM removed o JOIN added n USING (entry_id)
        WHERE (o.direction = 'out' OR n.direction = 'out')
          AND (o.day, o.role, o.secret, o.paper, o.status, o.signed_at, o.issued_on, o.sent_at,
               o.gone_run_id)
            IS DISTINCT FROM
              (n.day, n.role, n.secret, n.paper, n.status, n.signed_at, n.issued_on, n.sent_at,
               n.gone_run_id)
    )
    SELECT old_day FROM moved UNION SELECT new_day FROM moved UNION
    SELECT k.day FROM moved JOIN register_file USING (entry_id) JOIN document_key k USING (document_uid);
    RETURN NULL;
END $$;
CREATE TRIGGER register_entry_added AFTER INSERT ON register_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_register_entries();
CREATE TRIGGER register_entry_changed AFTER UPDATE ON register_entry
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_register_entries();

CREATE FUNCTION note_register_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changed_day
    SELECT e.day FROM altered JOIN register_entry e USING (entry_id) UNION
    SELECT k.day FROM altered JOIN document_key k USING (document_uid);
    RETURN NULL;
END $$;
CREATE TRIGGER register_file_added AFTER INSERT ON register_file
    REFERENCING NEW TABLE AS altered FOR EACH STATEMENT EXECUTE FUNCTION note_register_files();
CREATE TRIGGER register_file_changed AFTER UPDATE ON register_file
    REFERENCING NEW TABLE AS altered FOR EACH STATEMENT EXECUTE FUNCTION note_register_files();
CREATE TRIGGER register_file_removed AFTER DELETE ON register_file
    REFERENCING OLD TABLE AS altered FOR EACH STATEMENT EXECUTE FUNCTION note_register_files();

-- A file that is dispatched only later proves of its entry that it was sent, on the entry's day.
CREATE FUNCTION note_dispatched_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changed_day
    SELECT DISTINCT e.day FROM removed o JOIN added n USING (document_uid)
    JOIN register_file USING (document_uid) JOIN register_entry e USING (entry_id)
    WHERE o.counted <> n.counted;
    RETURN NULL;
END $$;
CREATE TRIGGER document_key_changed AFTER UPDATE ON document_key
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_dispatched_files();

INSERT INTO changed_day SELECT DISTINCT day FROM document;
