-- Closed periods: figures that stay as they were handed in (docs/decisions/0024-closed-periods.md).
--
-- A closing is everything that a report of its period says, as it was known then. Facts that come
-- later change none of it: they make another version, a restatement, beside it. Codes, names and
-- levels stand here as text, so that no change of the registry reaches back.

CREATE TABLE closing (
    closing_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period     text NOT NULL,
    version    integer NOT NULL CHECK (version >= 0),
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    closed_at  timestamptz NOT NULL,
    actor      text NOT NULL,
    reason     text NOT NULL,
    basis      jsonb NOT NULL,
    facts      bytea NOT NULL,
    CHECK (first_day <= last_day)
);
-- Provisional ones of several transactions must not wait for each other.
CREATE UNIQUE INDEX closing_version ON closing (period, version) WHERE version > 0;
COMMENT ON TABLE closing IS 'One row a version of a closed period: 1 is the original, others restate it.';
COMMENT ON COLUMN closing.version IS '0 is provisional: within a transaction that is rolled back.';
COMMENT ON COLUMN closing.period IS 'monitor/periods.py: 2026-10, 2026-Q3@administrative, …';
COMMENT ON COLUMN closing.basis IS
    'What decided the figures beside the facts: version of the program and of each definition, '
    'settings, sampling rates, imports, what was not yet known.';
COMMENT ON COLUMN closing.facts IS
    'SHA-256 over this row and the digest of every closed_ table, which stand in basis '
    '(monitor/measure/closing/digest.py).';

CREATE FUNCTION refuse_provisional() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a provisional closing is never kept';
END $$;
CREATE CONSTRAINT TRIGGER closing_provisional AFTER INSERT ON closing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.version = 0) EXECUTE FUNCTION refuse_provisional();

CREATE TABLE closed_agency (
    closing_id integer NOT NULL,
    code       text NOT NULL,
    agency_id  integer NOT NULL,
    ordinal    integer NOT NULL,
    name       text NOT NULL,
    name_en    text,
    level      text,
    parent     text,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    successors text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (closing_id, code)
);
COMMENT ON TABLE closed_agency IS
    'Agencies in force on any day of the period, as they were on their last day in it.';
COMMENT ON COLUMN closed_agency.first_day IS 'Of its days in force within the period.';
COMMENT ON COLUMN closed_agency.successors IS 'Codes of its heirs, where it ended within the period.';

CREATE TABLE closed_figure (
    closing_id      integer NOT NULL,
    about           text NOT NULL DEFAULT 'period',
    panel           text NOT NULL DEFAULT '',
    indicator       text NOT NULL,
    scope           text NOT NULL,
    code            text NOT NULL,
    channel         text NOT NULL,
    document_class  text NOT NULL,
    role            text NOT NULL,
    base            text NOT NULL,
    first_day       date NOT NULL,
    last_day        date NOT NULL,
    numerator       bigint NOT NULL,
    denominator     bigint NOT NULL,
    undecided       bigint NOT NULL,
    checked         bigint,
    ratio           double precision,
    low             double precision,
    high            double precision,
    process_low     double precision,
    process_high    double precision,
    sample_fraction double precision NOT NULL,
    coverage        double precision,
    undecided_share double precision,
    state           text NOT NULL,
    PRIMARY KEY (closing_id, about, panel, indicator, scope, code, channel, document_class, role, base)
);
COMMENT ON TABLE closed_figure IS 'Columns are those of the table figure, of the days of the period.';
COMMENT ON COLUMN closed_figure.about IS
    '"period"; "previous" and "year_before" are the periods it is compared with.';
COMMENT ON COLUMN closed_figure.panel IS
    'Of groups: "previous" or "year_before" counts only agencies in force on every day of both periods; '
    'empty is all agencies.';
COMMENT ON COLUMN closed_figure.first_day IS
    'Of the days that this figure is of: accounts are those of the last month of a longer period.';

CREATE TABLE closed_funnel (
    closing_id integer NOT NULL,
    code       text NOT NULL,
    role       text NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    sends      integer NOT NULL,
    signs      integer NOT NULL,
    validates  integer NOT NULL,
    PRIMARY KEY (closing_id, code, role)
);
COMMENT ON TABLE closed_funnel IS 'funnel_count of the days of the account figures.';

CREATE TABLE closed_verdict (
    closing_id     integer NOT NULL,
    code           text NOT NULL,
    channel        text NOT NULL,
    document_class text NOT NULL,
    relayed        boolean NOT NULL,
    sampled        boolean NOT NULL,
    overall        text NOT NULL,
    cause          text,
    documents      bigint NOT NULL
);
CREATE INDEX closed_verdict_closing ON closed_verdict (closing_id);
COMMENT ON TABLE closed_verdict IS 'Sums of verdict_day; code empty is of no known agency.';

CREATE TABLE closed_reason (
    closing_id integer NOT NULL,
    code       text NOT NULL,
    channel    text NOT NULL,
    overall    text NOT NULL,
    cause      text,
    kind       text NOT NULL,
    reason     text NOT NULL,
    documents  bigint NOT NULL
);
CREATE INDEX closed_reason_closing ON closed_reason (closing_id);
COMMENT ON TABLE closed_reason IS 'Sums of reason_day: a document has any number of reasons.';

CREATE TABLE closed_signature (
    closing_id     integer NOT NULL,
    code           text NOT NULL,
    channel        text NOT NULL,
    document_class text NOT NULL,
    format         text NOT NULL,
    level          text,
    indication     text NOT NULL,
    sub_indication text,
    trust_class    text,
    time_source    text,
    signer_kind    text,
    signatures     bigint NOT NULL
);
CREATE INDEX closed_signature_closing ON closed_signature (closing_id);
COMMENT ON TABLE closed_signature IS 'Sums of signature_day.';

CREATE TABLE closed_certificate (
    closing_id   integer NOT NULL,
    code         text NOT NULL,
    signer_kind  text,
    trust_class  text,
    ends_on      date NOT NULL,
    last_used    date NOT NULL,
    certificates integer NOT NULL,
    signatures   bigint NOT NULL
);
CREATE INDEX closed_certificate_closing ON closed_certificate (closing_id);
COMMENT ON TABLE closed_certificate IS
    'Certificates that signed validly in the 90 days up to the period''s last and end within the 90 '
    'after it, not replaced by then. Whose they are is not here.';

CREATE TABLE closed_target (
    closing_id  integer NOT NULL,
    target      text NOT NULL,
    code        text NOT NULL,
    ordinal     integer NOT NULL,
    title       text NOT NULL,
    indicator   text NOT NULL,
    scope       text NOT NULL,
    channel     text NOT NULL,
    value       double precision NOT NULL,
    due         date NOT NULL,
    numerator   bigint NOT NULL,
    denominator bigint NOT NULL,
    state       text NOT NULL,
    ratio       double precision,
    gap         double precision,
    path        double precision,
    units_short bigint,
    assessment  text NOT NULL,
    PRIMARY KEY (closing_id, target, code)
);
COMMENT ON TABLE closed_target IS
    'The plan''s targets by the figures of the period, as of its last day; columns as in target_standing.';

CREATE TABLE closed_document (
    closing_id   integer NOT NULL,
    code         text NOT NULL,
    document_uid uuid NOT NULL,
    channel      text NOT NULL,
    day          date NOT NULL,
    first_at     timestamptz NOT NULL,
    number       text,
    notation     text,
    issued_on    date,
    file_name    text,
    content_hash bytea NOT NULL,
    overall      text NOT NULL,
    cause        text,
    reasons      text[] NOT NULL,
    PRIMARY KEY (closing_id, code, document_uid)
);
COMMENT ON TABLE closed_document IS
    'Formal documents that an agency issued and that do not count as signed by it, or, of the document '
    'system and the axis, not as complete: what it is told to put right. Those that were not drawn for verification are not here.';
COMMENT ON COLUMN closed_document.reasons IS
    'Words of the catalogue (monitor/explain), the one that decides first: "reason:…", or '
    '"rule:not_issuer" of one that is valid but signed by nobody of the issuing agency, '
    '"rule:person_missing", "rule:organisation_missing" of one that lacks half of the pair; then the '
    '"sub_indication:…" of the signature that decided, and what else is to be done, "finding:…".';

CREATE TABLE closed_cell (
    closing_id integer NOT NULL,
    what       text NOT NULL,
    agency_id  integer NOT NULL,
    channel    text NOT NULL,
    day        date NOT NULL,
    uids       uuid[] NOT NULL,
    states     bigint[] NOT NULL,
    PRIMARY KEY (closing_id, what, agency_id, channel, day)
);
ALTER TABLE closed_cell ALTER COLUMN uids SET STORAGE EXTERNAL;
COMMENT ON TABLE closed_cell IS
    'Which facts the figures were made of: "document", "message" or "register" (an entry, its number '
    'as uid), by agency, channel and day, in the order of uids; the state is what of each counts '
    '(document_state, message_state, register_state).';

-- What of a fact decides a figure, in 63 bits: equal states count equally. The lower 32 bits are
-- single answers, from which the cause of a difference is told (monitor/measure/sql/causes_of_facts.sql);
-- from bit 34 on stand 24 of a digest of all else that a report counts of it.
CREATE FUNCTION verdict_state(overall text, cause text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE overall WHEN 'valid' THEN 1 WHEN 'invalid' THEN 2
    WHEN 'indeterminate' THEN CASE WHEN cause = 'ours' THEN 3 ELSE 4 END
    WHEN 'unsigned' THEN 5 WHEN 'unreadable' THEN 6 ELSE 7 END;

-- STABLE, these two, as convert_to() is: so that the planner puts them in place of a call a row.
CREATE FUNCTION digest_state(words text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN ('x' || left(encode(sha256(convert_to(words, 'UTF8')), 'hex'), 6))::bit(24)::integer::bigint
       * 17179869184;

-- A document's state is the sum of these: bits 0-2 verdict; 3-4 class, 5 relayed, 6 signed by the
-- issuer, 7 paired, 8 the organisation's signature, 9-10 role, 11 drawn for verification, 12 at rate
-- 1; 13-14 dispatch by all that is known, 15-16 by what was observed (0 in no figure, 1 late, 2 in
-- time, 3 undecided); 17-31 signatures: five bits each for those passed, time-stamped and of the
-- public-service CA; the rest, of rate, findings and signatures, in the digest.
CREATE FUNCTION document_state(
    document_class text, relayed boolean, signed_by_issuer boolean, paired boolean,
    organisation_signed boolean, role text, sampled boolean, rate real) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 8 * CASE document_class WHEN 'formal' THEN 1 WHEN 'editable' THEN 2 ELSE 0 END
    + 32 * relayed::integer + 64 * signed_by_issuer::integer
    + 128 * paired::integer + 256 * organisation_signed::integer
    + 512 * CASE role WHEN 'main' THEN 0 WHEN 'appendix' THEN 1 ELSE 2 END
    + 2048 * sampled::integer + 4096 * (rate = 1)::integer;
CREATE FUNCTION dispatch_state(dispatch integer, observed integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 8192 * dispatch + 32768 * observed;
CREATE FUNCTION signature_state(passed bigint, stamped bigint, public_service bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 131072 * least(passed, 31) + 4194304 * least(stamped, 31)
    + 134217728 * least(public_service, 31);

-- Bits 0-2 verdict, 3 has formal documents, 4 all of them validly signed, 5 those that are not are
-- undecided by our own lack of data, 11 drawn for verification, 12 at rate 1.
CREATE FUNCTION message_state(
    overall text, cause text, formal integer, formal_valid integer, formal_ours integer,
    sampled boolean, rate real) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN verdict_state(overall, cause) + 8 * (formal > 0)::integer
    + 16 * (formal_valid = formal)::integer
    + 32 * (formal_ours > 0 AND formal_valid + formal_ours = formal)::integer
    + 2048 * sampled::integer + 4096 * (rate = 1)::integer + digest_state(rate::text);

-- Bits 0-1 how it was sent (0 nobody knows), 2 a file of it was captured on its way.
CREATE FUNCTION register_state(way text, captured boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE way WHEN 'paper' THEN 1 WHEN 'parallel' THEN 2 WHEN 'electronic' THEN 3 ELSE 0 END
    + 4 * captured::integer;

CREATE TABLE closed_change (
    closing_id integer NOT NULL,
    code       text NOT NULL,
    channel    text NOT NULL,
    what       text NOT NULL,
    why        text NOT NULL,
    facts      bigint NOT NULL,
    PRIMARY KEY (closing_id, code, channel, what, why)
);
COMMENT ON TABLE closed_change IS
    'Of a restatement: how many facts differ from the version before, and why.';

CREATE TABLE report_file (
    closing_id integer NOT NULL,
    name       text NOT NULL,
    sha256     bytea NOT NULL,
    bytes      bigint NOT NULL,
    program    text NOT NULL,
    written_at timestamptz NOT NULL,
    content    bytea,
    PRIMARY KEY (closing_id, name)
);
COMMENT ON TABLE report_file IS
    'What was handed out of a closing, by the name of the file: the same is handed out again.';
COMMENT ON COLUMN report_file.content IS 'Of what was signed: it is signed once.';

CREATE TABLE report_delivery (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    closing_id  integer NOT NULL,
    name        text NOT NULL,
    recipient   text NOT NULL,
    at          timestamptz NOT NULL,
    outcome     text NOT NULL,
    detail      text NOT NULL
);
CREATE INDEX report_delivery_closing ON report_delivery (closing_id, recipient);
COMMENT ON TABLE report_delivery IS
    'Every attempt to hand a report on: "folder" or a mail address of the settings.';
COMMENT ON COLUMN report_delivery.name IS '"province", or "agency:" and a code.';

DO $$
DECLARE each text;
BEGIN
    FOREACH each IN ARRAY ARRAY['closing', 'closed_agency', 'closed_figure', 'closed_funnel',
        'closed_verdict', 'closed_reason', 'closed_signature', 'closed_certificate', 'closed_target',
        'closed_document', 'closed_cell', 'closed_change', 'report_file', 'report_delivery'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', each || '_append_only', each);
    END LOOP;
END $$;

-- Which documents failed, by their file names, and which facts a closing was made of are kept as long
-- as privacy.report_months says; figures stay.
DO $$
DECLARE each text;
BEGIN
    FOREACH each IN ARRAY ARRAY['closed_document', 'closed_cell', 'report_file'] LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', each || '_append_only', each);
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_but_forgetting()',
                       each || '_append_only', each);
    END LOOP;
END $$;

CREATE FUNCTION forget_closed(before date, most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    each text;
    gone bigint;
    total bigint := 0;
BEGIN
    PERFORM set_config('congvu.forgetting', 'on', true);
    FOREACH each IN ARRAY ARRAY['closed_document', 'closed_cell', 'report_file'] LOOP
        EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT f.ctid FROM %1$I f '
                       'JOIN closing c USING (closing_id) WHERE c.last_day < $1 LIMIT $2))', each)
        USING before, most;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    PERFORM set_config('congvu.forgetting', 'off', true);
    RETURN total;
END $$;
COMMENT ON FUNCTION forget_closed IS
    'Removes documents, facts and kept files of periods that ended before a day, at most so many of each '
    'a call.';
