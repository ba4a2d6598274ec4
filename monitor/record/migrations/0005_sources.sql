-- Registers of document systems, the document exchange axis, and what is published on portals
-- (docs/decisions/0017-sources.md).
--
-- Days are Vietnam days. As elsewhere, large tables have no foreign keys.

-- -- what a document is, by which rule it is complete ------------------------------------------------

ALTER TABLE document
    ADD COLUMN role text NOT NULL DEFAULT 'main',
    ADD COLUMN organisation_signed boolean NOT NULL DEFAULT false,
    ADD COLUMN dispatch_known boolean NOT NULL DEFAULT true,
    ADD COLUMN origin text;
COMMENT ON COLUMN document.role IS
    '"main"; "appendix" and "copy" are complete with the organisation''s signature alone '
    '(Nghị định 30/2020).';
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
    agency_id integer NOT NULL,
    day       date NOT NULL
);
COMMENT ON TABLE register_match_due IS
    'Agencies and days whose entries and documents are to be matched anew. Rows are only ever added '
    'and taken, so writers never wait for each other.';

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
    sealed_signer    bytea
);
CREATE INDEX axis_message_sender ON axis_message (sender_agency_id, day);
COMMENT ON TABLE axis_message IS
    'One row an edXML document message; copies of it merge. axis_uid: first 128 bits of SHA-256 over '
    'the issuer''s organ code and the DocumentId, by which status messages name it.';
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
COMMENT ON TABLE axis_relation IS 'Which message revokes, updates or replaces which other.';

-- -- coverage of more than mail --------------------------------------------------------------------------

ALTER TABLE coverage_day
    ADD COLUMN channel text NOT NULL DEFAULT 'mail',
    DROP CONSTRAINT coverage_day_pkey,
    ADD PRIMARY KEY (day, agency_id, channel);
ALTER TABLE coverage_due ADD COLUMN channel text NOT NULL DEFAULT 'mail';
COMMENT ON TABLE coverage_day IS
    'What an independent source says was sent (mail: the gateway''s log; docsys: the register), and '
    'how much of it was captured.';

-- -- figures that have two denominators or two kinds of witness ---------------------------------------------

ALTER TABLE day_fact
    ADD COLUMN base text NOT NULL DEFAULT '',
    DROP CONSTRAINT day_fact_pkey,
    ADD PRIMARY KEY (day, indicator, agency_id, channel, document_class, base);
COMMENT ON COLUMN day_fact.base IS
    'Of register figures: "observed" where a captured file bears the register out; empty is the '
    'register''s word, corrected where a capture contradicts it.';

INSERT INTO changed_day SELECT DISTINCT day FROM document;
