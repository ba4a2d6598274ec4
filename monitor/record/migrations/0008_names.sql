-- Mail domains: what they say of themselves, where messages come from, what goes by free mail.
--
-- What a check came to is kept three times: how it stands now with its evidence, each change of a
-- decided result, and one row a domain and day that figures are made of. Questions that could not be
-- asked are `unknown`: they change no decided result.

CREATE TABLE posture_check (
    domain      text NOT NULL,
    check_name  text NOT NULL,
    agencies    text[] NOT NULL,
    status      text NOT NULL,
    reason      text NOT NULL,
    facts       jsonb NOT NULL DEFAULT '{}',
    evidence    text[] NOT NULL DEFAULT '{}',
    checked_at  timestamptz NOT NULL,
    decided     text,
    decided_since timestamptz,
    decided_at  timestamptz,
    decided_before text,
    PRIMARY KEY (domain, check_name)
);
COMMENT ON TABLE posture_check IS 'How each check of each domain of the registry stands now.';
COMMENT ON COLUMN posture_check.agencies IS 'Codes of the agencies whose domain it is.';
COMMENT ON COLUMN posture_check.reason IS
    'Why: a word of monitor/posture/words.py, explained in monitor/posture/language.';
COMMENT ON COLUMN posture_check.facts IS 'What the explanation names: lookups, policy, days, …';
COMMENT ON COLUMN posture_check.evidence IS 'Records as they were seen, bounded.';
COMMENT ON COLUMN posture_check.decided IS
    'The last result that was not "unknown": what alerts and pages go by. Null if there never was one.';
COMMENT ON COLUMN posture_check.decided_since IS 'When it became that; decided_at: when last seen.';

CREATE TABLE posture_change (
    domain     text NOT NULL,
    check_name text NOT NULL,
    at         timestamptz NOT NULL,
    agencies   text[] NOT NULL,
    before     text NOT NULL,
    after      text NOT NULL,
    reason     text NOT NULL,
    facts      jsonb NOT NULL DEFAULT '{}',
    evidence   text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (domain, check_name, at)
);
CREATE INDEX posture_change_at ON posture_change (at);
COMMENT ON TABLE posture_change IS 'Each change of a decided result, with what was seen.';

CREATE TABLE posture_day (
    day            date NOT NULL,
    domain         text NOT NULL,
    agency_id      integer NOT NULL,
    passed         integer NOT NULL,
    failed         integer NOT NULL,
    not_applicable integer NOT NULL,
    unknown        integer NOT NULL,
    results        jsonb NOT NULL,
    PRIMARY KEY (day, domain, agency_id)
) PARTITION BY RANGE (day);
COMMENT ON TABLE posture_day IS
    'A domain on a Vietnam day: of each check the last decided result of that day; a check is unknown '
    'only if nothing of it was decided on the whole day.';
COMMENT ON COLUMN posture_day.results IS 'Status by check.';

CREATE TABLE posture_selector (
    domain     text NOT NULL,
    selector   text NOT NULL,
    last_seen  date NOT NULL,
    PRIMARY KEY (domain, selector)
);
COMMENT ON TABLE posture_selector IS
    'DKIM selectors that passing signatures of an agency''s own domain bore in captured mail.';

CREATE TABLE gateway_check (
    gateway     text PRIMARY KEY,
    checked_at  timestamptz NOT NULL,
    status      text NOT NULL,
    reason      text NOT NULL,
    facts       jsonb NOT NULL DEFAULT '{}',
    certificate_not_after timestamptz,
    since       timestamptz NOT NULL
);
COMMENT ON TABLE gateway_check IS 'How each configured host of the official gateway answers.';

-- -- where messages come from -----------------------------------------------------------------------

ALTER TABLE message
    ADD COLUMN origin text,
    ADD COLUMN origin_evidence jsonb,
    ADD COLUMN claimed_agency_id integer NOT NULL DEFAULT 0,
    ADD COLUMN attached integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN message.origin IS
    'internal, aligned, unaligned or unknown (monitor/model/words.py); null for those recorded before.';
COMMENT ON COLUMN message.origin_evidence IS 'Domains, selectors and results: nothing of the content.';
COMMENT ON COLUMN message.claimed_agency_id IS
    'Whose domain or address it claims though it came from outside; 0 is nobody''s.';
COMMENT ON COLUMN message.attached IS 'Documents attached to it: formal, editable, archives.';

CREATE TABLE origin_due (
    message_uid uuid PRIMARY KEY,
    day         date NOT NULL,
    next_at     timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 0,
    asked       jsonb NOT NULL
);
CREATE INDEX origin_due_next ON origin_due (next_at);
COMMENT ON TABLE origin_due IS
    'Messages whose origin is unknown for want of an answer: asked for again for some days.';
COMMENT ON COLUMN origin_due.asked IS
    'Digests, signatures, domains and selectors of DKIM; the client''s address and domains of SPF.';

-- -- free mail ----------------------------------------------------------------------------------------

CREATE TABLE message_freemail (
    message_uid uuid NOT NULL,
    day         date NOT NULL,
    agency_id   integer NOT NULL,
    way         text NOT NULL,
    PRIMARY KEY (message_uid, agency_id, way, day)
) PARTITION BY RANGE (day);
CREATE INDEX message_freemail_day ON message_freemail (agency_id, day);
COMMENT ON TABLE message_freemail IS
    'Official correspondence of an agency that goes by free mail, by the way it does: to, from, '
    'forwarded, account.';

-- -- partitions of what is new, for the months that are there -------------------------------------------

DO $$
DECLARE
    parent text;
    start date;
BEGIN
    FOREACH parent IN ARRAY ARRAY['posture_day', 'message_freemail'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (MINVALUE) TO (%L)',
                       parent || '_past', parent, first_month());
        FOR start IN SELECT month FROM record_month LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                           parent || to_char(start, '"_"YYYYMM'), parent,
                           start, (start + interval '1 month')::date);
        END LOOP;
    END LOOP;
END $$;
