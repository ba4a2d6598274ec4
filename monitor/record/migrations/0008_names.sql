-- Mail domains: what they say of themselves, where messages come from, what goes by free mail.
--
-- What a check came to is kept three times: how it stands now with its evidence, each change of a
-- decided result, and one row a domain and day that figures are made of. Questions that could not be
-- asked are `unknown`: they change no decided result. A look that says `fail` of what was decided
-- otherwise only suspects it: the next look, some minutes later, has to say so too.

CREATE TABLE posture_domain (
    domain     text PRIMARY KEY,
    agencies   text[] NOT NULL,
    since      timestamptz NOT NULL,
    next_at    timestamptz NOT NULL,
    tries      integer NOT NULL DEFAULT 0,
    checked_at timestamptz,
    questions  integer NOT NULL DEFAULT 0
);
CREATE INDEX posture_domain_next ON posture_domain (next_at);
COMMENT ON TABLE posture_domain IS
    'The mail domains of the registry of today, and when each is looked at next. A daemon that looks '
    'puts next_at off until it is done, so that no other does.';
COMMENT ON COLUMN posture_domain.since IS 'When it came in.';
COMMENT ON COLUMN posture_domain.tries IS 'Looks in a row that something was not answered in.';
COMMENT ON COLUMN posture_domain.questions IS 'Asked of resolvers in the last look.';

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
    decided_reason text,
    decided_facts jsonb,
    decided_evidence text[],
    suspected_at timestamptz,
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
COMMENT ON COLUMN posture_check.decided_before IS
    'What was decided before; null if that was the first. decided_reason, decided_facts and '
    'decided_evidence are of the look that decided last.';
COMMENT ON COLUMN posture_check.suspected_at IS
    'When a look first said "fail" of what is decided otherwise; null again once a look confirms or '
    'refutes it.';

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
COMMENT ON COLUMN gateway_check.since IS 'When its status became what it is.';

-- -- where messages come from -----------------------------------------------------------------------

ALTER TABLE message
    ADD COLUMN origin text,
    ADD COLUMN origin_evidence jsonb,
    ADD COLUMN claimed_agency_id integer NOT NULL DEFAULT 0,
    ADD COLUMN attached integer;
COMMENT ON COLUMN message.origin IS
    'internal, aligned, unaligned or unknown (monitor/model/words.py); null for those recorded before.';
COMMENT ON COLUMN message.origin_evidence IS 'Domains, selectors and results: nothing of the content.';
CREATE INDEX message_claimed ON message (claimed_agency_id, day) WHERE claimed_agency_id <> 0;
COMMENT ON COLUMN message.claimed_agency_id IS
    'Whose domain or address it claims though it came from outside; 0 is nobody''s.';
COMMENT ON COLUMN message.attached IS
    'Documents attached to it: formal, editable, archives. Null for those recorded before it was counted: '
    'they are in no figure of free mail, whatever a later copy shows.';

CREATE FUNCTION proof(origin text, sender_agency_id integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN origin = 'internal' AND sender_agency_id = 0 THEN 1
        ELSE coalesce(array_position(ARRAY['unaligned', 'unknown', 'aligned', 'internal'], origin) + 1, 0)
    END
$$;
COMMENT ON FUNCTION proof(text, integer) IS
    'How well the copy of a message proves where it comes from: of two the greater holds. One that '
    'somebody inside handed in, and did not write, says the least.';

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
    'What its copies ask: digests, signatures, domains and selectors of DKIM; the client''s address and '
    'domains of SPF.';

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
    'forwarded, account. A union over all copies. Agency 0: it left for free mail, and the copy did not '
    'say from whose mailbox.';

-- What copies say is decided here, so the order in which they come changes nothing. What left without
-- a name belongs to the only agency that any copy reached; where there are several, to nobody. An
-- account was not used by whom the message is proven not to come from.
--
-- LIMIT keeps the message a look-up by its key, a partition each: as a join, with several days given,
-- it would be sought among all messages there are.
CREATE VIEW freemail_use AS
SELECT f.message_uid, f.day, f.agency_id, f.way
FROM message_freemail f, LATERAL (
    SELECT m.origin FROM message m
    WHERE m.message_uid = f.message_uid AND m.day = f.day AND m.attached IS NOT NULL LIMIT 1
) AS m
WHERE f.agency_id <> 0 AND (f.way <> 'account' OR m.origin IS DISTINCT FROM 'unaligned')
UNION
SELECT f.message_uid, f.day, a.agency_id, f.way
FROM message_freemail f, LATERAL (
    SELECT FROM message m
    WHERE m.message_uid = f.message_uid AND m.day = f.day AND m.attached IS NOT NULL LIMIT 1
) AS m, LATERAL (
    SELECT min(r.agency_id) AS agency_id FROM message_agency r
    WHERE r.message_uid = f.message_uid AND r.day = f.day HAVING count(*) = 1
) AS a
WHERE f.agency_id = 0;
COMMENT ON VIEW freemail_use IS 'Which agency used free mail in which message, and how. Give days.';

COMMENT ON TABLE closed_cell IS
    'Which facts the figures were made of: "document", "message", "correspondence" (a mail with documents '
    'and an agency, the hash of both as uid) or "register" (an entry, its number as uid), by agency, '
    'channel and day, in the order of uids; the state is what of each counts (document_state, '
    'message_state, 1 for free mail, register_state).';

-- -- counts a day (monitor/measure/sql/roll_up_origin.sql) ---------------------------------------------

CREATE TABLE mail_origin_day (
    day       date NOT NULL,
    agency_id integer NOT NULL,
    origin    text NOT NULL,
    messages  bigint NOT NULL,
    PRIMARY KEY (day, agency_id, origin)
);
CREATE INDEX mail_origin_day_agency ON mail_origin_day (agency_id, day);
COMMENT ON TABLE mail_origin_day IS
    'Messages from outside that claim an agency''s domain or address, by their origin; agency 0 is all '
    'that claim none. Derived.';

-- -- what Grafana may read (docs/grafana.md) -----------------------------------------------------------

CREATE VIEW grafana.posture AS
SELECT a.code, a.name, a.level, c.domain, c.check_name, coalesce(c.decided, 'unknown') AS decided,
    c.decided_before, c.decided_since AS since, c.decided_at,
    c.decided = 'fail' AND c.decided_before = 'pass'
        AND c.decided_since > now() - interval '7 days' AS fallen,
    c.suspected_at IS NOT NULL AS suspected, c.status AS last_status, c.reason AS last_reason,
    c.checked_at, coalesce(c.decided_reason, c.reason) AS reason,
    coalesce(c.decided_facts, c.facts) AS facts
FROM posture_check c JOIN grafana.agency a ON a.code = ANY (c.agencies);
COMMENT ON VIEW grafana.posture IS
    'How each check of each mail domain stands, once for each agency whose domain it is. "reason" and '
    '"facts" are of what is decided, last_status and last_reason of the last look.';

CREATE VIEW grafana.posture_change AS
SELECT c.at, a.code, a.name, a.level, c.domain, c.check_name, c.before, c.after, c.reason, c.facts
FROM posture_change c JOIN grafana.agency a ON a.code = ANY (c.agencies);
COMMENT ON VIEW grafana.posture_change IS 'Changes of decided results. Give a stretch of time.';

CREATE VIEW grafana.posture_day AS
SELECT d.day, p.code, p.name, p.level, count(*) AS domains, sum(d.passed)::bigint AS passed,
    sum(d.failed)::bigint AS failed, sum(d.not_applicable)::bigint AS not_applicable,
    sum(d.unknown)::bigint AS unknown
FROM posture_day d JOIN grafana.agency_day p
    ON p.agency = d.agency_id AND d.day BETWEEN p.first_day AND p.last_day
GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW grafana.posture_day IS 'Checks of an agency''s domains a day, by result. Give days.';

CREATE VIEW grafana.gateway AS
SELECT gateway, status, reason, facts, since, checked_at, certificate_not_after,
    floor(extract(epoch FROM certificate_not_after - now()) / 86400)::integer AS days_left
FROM gateway_check;
COMMENT ON VIEW grafana.gateway IS 'How each host of the official gateway answers.';

CREATE VIEW grafana.mail_origin_day AS
SELECT o.day, p.code, p.name, p.level, o.origin, o.messages
FROM mail_origin_day o JOIN grafana.agency_day p
    ON p.agency = o.agency_id AND o.day BETWEEN p.first_day AND p.last_day;
COMMENT ON VIEW grafana.mail_origin_day IS
    'Messages from outside that claim to be an agency''s, by what could be proven of it.';

CREATE VIEW grafana.freemail_day AS
SELECT u.day, p.code, p.name, p.level, u.way, count(*) AS messages
FROM freemail_use u JOIN grafana.agency_day p
    ON p.agency = u.agency_id AND u.day BETWEEN p.first_day AND p.last_day
GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW grafana.freemail_day IS
    'Messages of an agency that went by free mail, a day and way; one message may go several ways. '
    'Give days.';

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
