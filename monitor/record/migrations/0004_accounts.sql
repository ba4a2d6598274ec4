-- Agencies through time, people and their official accounts, and on which days accounts are used
-- (docs/decisions/0016-accounts.md).
--
-- People and addresses are keyed pseudonyms; what names them is sealed ("sealed_…"). Days are
-- Vietnam days, first and last both included; 'infinity' is until further notice.

-- -- agencies through time ------------------------------------------------------------------------

CREATE TABLE agency_period (
    agency_id integer NOT NULL REFERENCES agency,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    name      text NOT NULL,
    name_en   text,
    level     text NOT NULL,
    parent    text,
    PRIMARY KEY (agency_id, first_day),
    CHECK (first_day <= last_day)
);
COMMENT ON TABLE agency_period IS 'The life of each agency, as the registry file has it now.';

CREATE TABLE agency_successor (
    agency_id    integer NOT NULL REFERENCES agency,
    successor_id integer NOT NULL REFERENCES agency,
    PRIMARY KEY (agency_id, successor_id)
);

-- Whose something is on a day that is entered for an agency: that agency's while it is in force,
-- else the sole heir's in force, else nobody's (0).
CREATE FUNCTION agency_holder(any_day date) RETURNS TABLE (agency_id integer, holder_id integer)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE in_force AS (
        SELECT p.agency_id FROM agency_period p WHERE any_day BETWEEN p.first_day AND p.last_day
    ), heir (agency_id, heir_id) AS (
        SELECT s.agency_id, s.successor_id FROM agency_successor s
        UNION
        SELECT h.agency_id, s.successor_id FROM heir h JOIN agency_successor s
            ON s.agency_id = h.heir_id
    ), sole AS (
        SELECT h.agency_id, min(h.heir_id) AS heir_id FROM heir h
        WHERE h.heir_id IN (SELECT f.agency_id FROM in_force f) AND h.heir_id <> h.agency_id
        GROUP BY 1 HAVING count(*) = 1
    )
    SELECT a.agency_id, coalesce(f.agency_id, s.heir_id, 0)
    FROM agency a LEFT JOIN in_force f USING (agency_id) LEFT JOIN sole s USING (agency_id)
$$;

-- -- addresses --------------------------------------------------------------------------------------

CREATE TABLE address (
    address_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pseudonym      bigint NOT NULL UNIQUE,
    sealed_address bytea,
    erased_on      date
);
COMMENT ON TABLE address IS
    'Mail addresses of agencies'' own people and systems: others are never stored. All else refers '
    'to address_id, so that a new key changes this table alone.';
COMMENT ON COLUMN address.erased_on IS
    'Since then its pseudonym is a random number: nothing leads back to the address.';

-- -- people and accounts ------------------------------------------------------------------------------
--
-- As elsewhere in this record, large tables have no foreign keys: what they refer to is written in
-- the same transaction and never deleted, and to look each row up again takes a third of the time in
-- which millions are imported.

CREATE TABLE import_run (
    run_id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    what        text NOT NULL,
    source      text NOT NULL,
    as_of       date NOT NULL,
    whole       boolean NOT NULL,
    file_sha256 bytea,
    actor       text NOT NULL,
    added       integer NOT NULL,
    changed     integer NOT NULL,
    ended       integer NOT NULL,
    unchanged   integer NOT NULL
);
COMMENT ON TABLE import_run IS 'Every list that was applied: "people" or "accounts", from whom, as of when.';

CREATE TABLE person (
    person_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pseudonym   bigint NOT NULL UNIQUE,
    source      text NOT NULL,
    sealed_key  bytea,
    sealed_name bytea,
    erased_on   date
);
COMMENT ON TABLE person IS 'One row a person on a roster; the name only where privacy.keep_names is set.';
COMMENT ON COLUMN person.pseudonym IS
    'Of what sealed_key holds: "source LF staff number", or the mail address where a list has no '
    'staff numbers.';
COMMENT ON COLUMN person.sealed_key IS
    'Sealed for "person", so that a new key can compute the pseudonym anew '
    '(monitor/record/people_key.py); null once erased.';
COMMENT ON COLUMN person.erased_on IS
    'Since then its pseudonym is a random number: nothing leads back to the person.';

CREATE TABLE employment (
    person_id integer NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    agency_id integer NOT NULL,
    role      text NOT NULL,
    PRIMARY KEY (person_id, first_day),
    CHECK (first_day <= last_day)
);
CREATE INDEX employment_agency ON employment (agency_id);
COMMENT ON TABLE employment IS 'Where a person works, one agency a day; role "leader" or "staff".';

CREATE TABLE person_address (
    person_id  integer NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    address_id integer NOT NULL,
    PRIMARY KEY (person_id, address_id, first_day),
    CHECK (first_day <= last_day)
);
CREATE INDEX person_address_address ON person_address (address_id);
COMMENT ON TABLE person_address IS 'Which official addresses are whose; a person may have several.';

CREATE TABLE account (
    account_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_id     integer NOT NULL UNIQUE,
    source         text NOT NULL,
    created_on     date,
    reported_login date
);
COMMENT ON COLUMN account.address_id IS 'Its primary address.';
COMMENT ON COLUMN account.reported_login IS
    'Last log-on that the mail system itself reports: coarse, evidence that it was used at all.';

CREATE TABLE account_address (
    address_id integer NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    account_id integer NOT NULL,
    PRIMARY KEY (address_id, first_day),
    CHECK (first_day <= last_day)
);
CREATE INDEX account_address_account ON account_address (account_id);
COMMENT ON TABLE account_address IS
    'Primary address and aliases: activity under any is the account''s. One account a day; an alias '
    'that goes to another account stays the former one''s on the days before.';

CREATE TABLE account_period (
    account_id integer NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    agency_id  integer NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL,
    PRIMARY KEY (account_id, first_day),
    CHECK (first_day <= last_day)
);
CREATE INDEX account_period_agency ON account_period (agency_id);
COMMENT ON COLUMN account_period.kind IS
    '"personal"; "mailbox": an agency''s own; "shared"; "system": in no figure.';
COMMENT ON COLUMN account_period.state IS '"enabled", "locked", "closed".';

-- -- activity -----------------------------------------------------------------------------------------

CREATE TABLE activity_source (
    source_id smallint PRIMARY KEY CHECK (source_id BETWEEN 0 AND 30),
    name      text NOT NULL UNIQUE
);
INSERT INTO activity_source VALUES (0, 'intake');

CREATE TABLE activity_month (
    address_id integer NOT NULL,
    month      date NOT NULL,
    sent       integer NOT NULL DEFAULT 0,
    login      integer NOT NULL DEFAULT 0,
    submission integer NOT NULL DEFAULT 0,
    imap       integer NOT NULL DEFAULT 0,
    pop        integer NOT NULL DEFAULT 0,
    sync       integer NOT NULL DEFAULT 0,
    automatic  integer NOT NULL DEFAULT 0,
    sources    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (address_id, month)
) PARTITION BY RANGE (month);
COMMENT ON TABLE activity_month IS
    'On which Vietnam days of a month an address was active, by kind: bit n-1 of a column is day n. '
    'Saying it again, by whatever source, changes nothing.';
COMMENT ON COLUMN activity_month.sources IS 'Who said so: bit activity_source.source_id.';

-- The last day until another that a column of activity_month names; null where there is none.
CREATE FUNCTION last_active_day(month date, until date, days integer) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN month - 1 + nullif(
    length(ltrim((days & (2147483647 >> greatest(0, 30 - (until - month))))::bit(32)::text, '0')), 0
);

CREATE TABLE address_activity (
    address_id integer PRIMARY KEY,
    sent       date,
    login      date,
    submission date,
    imap       date,
    pop        date,
    sync       date,
    automatic  date
) WITH (fillfactor = 80);
COMMENT ON TABLE address_activity IS
    'The last Vietnam day of each kind; outlasts the months, so that "never" stays true.';

CREATE TABLE log_checkpoint (
    source     text NOT NULL,
    file       integer NOT NULL,
    position   jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, file)
);
COMMENT ON TABLE log_checkpoint IS
    'How far a log is read, written in the transaction of what was read: nothing twice, none lost.';
COMMENT ON COLUMN log_checkpoint.file IS
    '0 is the log as a whole, with what its reader remembers; others are one file of it each.';

-- -- coverage -----------------------------------------------------------------------------------------

CREATE TABLE gateway_message (
    message_ref bigint NOT NULL,
    day         date NOT NULL,
    agency_id   integer NOT NULL,
    captured    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (message_ref, day)
) PARTITION BY RANGE (day);
CREATE INDEX gateway_message_missing ON gateway_message (day) WHERE NOT captured;
COMMENT ON COLUMN gateway_message.captured IS 'A copy of it has come: set when coverage is computed.';
COMMENT ON TABLE gateway_message IS
    'Messages that an agency''s people sent according to a gateway''s log; message_ref is a keyed '
    'pseudonym of the Message-ID.';

ALTER TABLE message
    ADD COLUMN sender_address_id integer,
    ADD COLUMN message_ref bigint;
COMMENT ON COLUMN message.sender_address_id IS 'Of a verified sender of one of our agencies.';
CREATE INDEX message_ref ON message (message_ref);
CREATE INDEX message_sender_address ON message (sender_address_id, day);

CREATE TABLE coverage_day (
    day       date NOT NULL,
    agency_id integer NOT NULL,
    logged    integer NOT NULL,
    captured  integer NOT NULL,
    PRIMARY KEY (day, agency_id)
);
CREATE TABLE coverage_due (
    day date NOT NULL
);
COMMENT ON TABLE coverage_due IS
    'Days whose coverage is to be computed anew. Rows are only ever added and taken.';

CREATE FUNCTION note_coverage_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coverage_due SELECT DISTINCT day FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER gateway_message_logged AFTER INSERT ON gateway_message
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_coverage_due();

COMMENT ON TABLE coverage_day IS
    'Messages that the gateway''s log says were sent, and how many of these were captured.';

-- -- figures --------------------------------------------------------------------------------------------

ALTER TABLE figure
    ADD COLUMN role text NOT NULL DEFAULT '',
    ADD COLUMN base text NOT NULL DEFAULT '',
    DROP CONSTRAINT figure_pkey,
    ADD PRIMARY KEY (indicator, scope, code, channel, document_class, role, base, window_name);
-- Every figure changes each day; with room on its page a changed row needs no new index entry.
ALTER TABLE figure SET (fillfactor = 50);
COMMENT ON COLUMN figure.role IS 'Of account figures: "leader", "staff", "mailbox"; empty is everyone.';
COMMENT ON COLUMN figure.base IS
    'Of account figures: "provisioned" where the denominator is enabled accounts, not the roster.';

CREATE TABLE account_count (
    agency_id integer NOT NULL,
    role      text NOT NULL,
    state     text NOT NULL,
    accounts  integer NOT NULL,
    PRIMARY KEY (agency_id, role, state)
);
COMMENT ON TABLE account_count IS
    'How the accounts stand now: each in exactly one of "active", "idle", "dormant", '
    '"never_logged_in", "locked", "closed". Derived.';

-- -- partitions of what is new, for the months that are there -------------------------------------------

DO $$
DECLARE
    parent text;
    start date;
BEGIN
    FOREACH parent IN ARRAY ARRAY['activity_month', 'gateway_message'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (MINVALUE) TO (%L)',
                       parent || '_past', parent, first_month());
        FOR start IN SELECT month FROM record_month LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                           parent || to_char(start, '"_"YYYYMM'), parent,
                           start, (start + interval '1 month')::date);
        END LOOP;
    END LOOP;
END $$;

-- -- targets ------------------------------------------------------------------------------------------

CREATE TABLE target_baseline (
    target      text NOT NULL,
    code        text NOT NULL,
    of          text NOT NULL,
    day         date NOT NULL,
    numerator   bigint NOT NULL,
    denominator bigint NOT NULL CHECK (denominator > 0),
    PRIMARY KEY (target, code)
);
COMMENT ON TABLE target_baseline IS
    'First figure measured for a target of the plan that gives no baseline: where its line begins.';
COMMENT ON COLUMN target_baseline.of IS
    'Indicator and what else decides the figure; a target that is redefined begins anew.';

-- -- what is kept how long ----------------------------------------------------------------------------

CREATE TABLE kept_since (
    what text PRIMARY KEY,
    day  date NOT NULL
);
COMMENT ON TABLE kept_since IS
    'First day that retention has left: of "activity", "gateway", "evidence". What was derived from '
    'earlier days stays as it is and is never computed anew.';

CREATE FUNCTION kept_since(what text) RETURNS date LANGUAGE sql STABLE
RETURN coalesce((SELECT k.day FROM kept_since k WHERE k.what = kept_since.what), '-infinity');

-- Rows of verdict_change are only ever added, but for those of documents and messages that
-- retention has removed: by this function and no other way.
CREATE FUNCTION refuse_change_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('congvu.forgetting', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END $$;
DROP TRIGGER verdict_change_append_only ON verdict_change;
CREATE TRIGGER verdict_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON verdict_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_but_forgetting();

CREATE FUNCTION forget_verdict_changes(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM set_config('congvu.forgetting', 'on', true);
    DELETE FROM verdict_change WHERE change_id IN (
        SELECT v.change_id FROM verdict_change v
        WHERE NOT EXISTS (SELECT FROM document_key d WHERE d.document_uid = v.uid)
          AND NOT EXISTS (SELECT FROM message_key m WHERE m.message_uid = v.uid)
        ORDER BY v.change_id LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('congvu.forgetting', 'off', true);
    RETURN gone;
END $$;
COMMENT ON FUNCTION forget_verdict_changes IS
    'Removes at most so many changes of verdicts whose document or message is no longer kept.';
