-- Figures with their uncertainty, drops and their acknowledgement, what Grafana may read
-- (docs/decisions/0020-sampling-and-intervals.md, 0021-alerts.md).

-- -- sampled verification ---------------------------------------------------------------------------

-- Capture and counting are a census; only verification is sampled (DESIGN "Census and sample").
ALTER TABLE message ADD COLUMN sampled boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN message.sampled IS
    'Drawn for verification when it was decided first, at sampled_rate. Where it was not, its '
    'verdict is indeterminate, ours, with the finding not_sampled, and it is in no sample.';

ALTER TABLE document
    ADD COLUMN sampled    boolean NOT NULL DEFAULT true,
    ADD COLUMN drawn_with uuid;
COMMENT ON COLUMN document.sampled IS
    'Drawn with the message or item that brought it first, at sampled_rate; that decision stands.';
COMMENT ON COLUMN document.drawn_with IS
    'That message (message_uid) or item (item_id): documents of one were drawn together. Null at '
    'rate 1, where each is in the sample whatever it came with.';

ALTER TABLE sampling_rate
    ALTER COLUMN rate DROP NOT NULL,
    ADD COLUMN by_hand boolean NOT NULL DEFAULT true,
    ADD COLUMN reason  text NOT NULL DEFAULT '',
    ADD CHECK (rate IS NOT NULL OR stratum <> 'all');
COMMENT ON COLUMN sampling_rate.stratum IS 'A channel, or "all": of every channel without a rate.';
COMMENT ON COLUMN sampling_rate.rate IS 'In force from from_at on; null: again that of "all".';
COMMENT ON COLUMN sampling_rate.by_hand IS
    'Set by an operator; what the daemon sets under a backlog never rises above the last of these.';
CREATE TRIGGER sampling_rate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sampling_rate
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE sampling_node (
    node           uuid PRIMARY KEY,
    seen_at        timestamptz NOT NULL,
    oldest_seconds double precision NOT NULL,
    behind         boolean NOT NULL,
    drained        boolean NOT NULL
);
COMMENT ON TABLE sampling_node IS
    'How the backlog of each running daemon stood when it was last seen: the rate is one for all.';

-- One row a rate: estimates are stratified by it. At rate 1 (a census) units and sampled_units are
-- equal and the sums of squares are null.
ALTER TABLE day_fact
    ADD COLUMN rate             real NOT NULL DEFAULT 1,
    ADD COLUMN units            bigint,
    ADD COLUMN sampled_units    bigint,
    ADD COLUMN clusters         bigint,
    ADD COLUMN sampled_clusters bigint,
    ADD COLUMN yy               bigint,
    ADD COLUMN xy               bigint,
    ADD COLUMN xx               bigint,
    ADD COLUMN xu               bigint,
    ADD COLUMN uu               bigint;
DO $$
DECLARE key text;
BEGIN
    SELECT conname INTO key FROM pg_constraint
    WHERE conrelid = 'day_fact'::regclass AND contype = 'p';
    EXECUTE format('ALTER TABLE day_fact DROP CONSTRAINT %I', key);
END $$;
ALTER TABLE day_fact
    ADD PRIMARY KEY (day, indicator, agency_id, channel, document_class, base, rate);
COMMENT ON COLUMN day_fact.rate IS 'Verification rate at which the units of this row were drawn.';
COMMENT ON COLUMN day_fact.units IS 'All that were counted, drawn or not; null at rate 1.';
COMMENT ON COLUMN day_fact.sampled_units IS 'Those drawn; numerator, denominator and undecided are of these.';
COMMENT ON COLUMN day_fact.clusters IS 'Messages or items that brought the units: what is drawn.';
COMMENT ON COLUMN day_fact.yy IS
    'Sums over drawn messages of products of y (numerator), x (denominator) and u (units) of each.';

ALTER TABLE figure
    ADD COLUMN checked      bigint,
    ADD COLUMN process_low  double precision,
    ADD COLUMN process_high double precision;
COMMENT ON COLUMN figure.numerator IS 'At a census the count; else its estimate, rounded.';
COMMENT ON COLUMN figure.checked IS 'Units of the denominator that were verified; null where nothing is.';
COMMENT ON COLUMN figure.low IS
    'Finite-population interval, 95%: of what happened. Zero width at a census; null for rosters and '
    'registers.';
COMMENT ON COLUMN figure.process_low IS
    'Process interval, 95%: of the habit behind it, with day-to-day variation. Of signing alone.';

-- -- drops ----------------------------------------------------------------------------------------------

CREATE TABLE drop_acknowledged (
    acknowledged_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor     text NOT NULL,
    scope     text NOT NULL,
    code      text NOT NULL,
    indicator text NOT NULL,
    channel   text NOT NULL,
    day       date NOT NULL,
    reason    text NOT NULL
);
COMMENT ON TABLE drop_acknowledged IS
    'Drops that somebody has taken note of: the level of the five working days up to "day" is the '
    'new baseline. Rows are only ever added.';
CREATE TRIGGER drop_acknowledged_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON drop_acknowledged
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- -- intervals (docs/statistics.md) --------------------------------------------------------------------
--
-- Doubles in and out, 95% throughout. "size" is how many independent units a share is as good as: it
-- needs not be whole, and infinity is a census.

-- Wilson's score interval: its end below (side -1) or above (side 1) the share; null without units.
CREATE FUNCTION wilson_end(share float8, size float8, side float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN size > 0 AND share IS NOT NULL THEN least(1, greatest(0,
    (share + 1.9207294 / size
        + side * sqrt(1.9207294 / size * (1.9207294 / size + 2 * share * (1 - share))))
    / (1 + 3.8414588 / size))) END;

-- Sum of (y - p * x)^2, p = sum(y) / sum(x), from the sums of squares; never below 0 by rounding.
CREATE FUNCTION scatter(y float8, x float8, yy float8, xy float8, xx float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(0, yy - 2 * y / nullif(x, 0) * xy + (y / nullif(x, 0)) ^ 2 * xx);

-- The interval used. Of fewer than 50 units Wilson's promises too much where one is unlike all others:
-- there the rarer kind's end is that of a Poisson count (Wilson-Hilferty, 95% one-sided).
CREATE FUNCTION share_end(share float8, size float8, side float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN side < 0 AND size < 50 AND share * size > 0 AND share * size < 1.5 THEN
        share * greatest(0, 1 - 1 / (9 * share * size) - 1.645 / (3 * sqrt(share * size))) ^ 3
    WHEN side > 0 AND size < 50 AND (1 - share) * size > 0 AND (1 - share) * size < 1.5 THEN
        1 - (1 - share) * greatest(0, 1 - 1 / (9 * (1 - share) * size)
                                        - 1.645 / (3 * sqrt((1 - share) * size))) ^ 3
    ELSE wilson_end(share, size, side) END;

-- How much the units of one drawn message are alike (0: not at all, 1: all as one), from the sums over
-- drawn messages. Shrunk towards 1, the careful end, with the weight of three units of which half are
-- signed; where all are the same, nothing has been learnt and it is 1.
CREATE FUNCTION cluster_correlation(
    y float8, x float8, yy float8, xy float8, xx float8, drawn_clusters float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN drawn_clusters > 1 AND y > 0 AND y < x AND xx > x THEN least(1, greatest(0,
    ((scatter(y, x, yy, xy, xx) * drawn_clusters / (drawn_clusters - 1) - y * (x - y) / x)
        * 4 * x / (xx - x) + 3) / (4 * y * (x - y) / x + 3))) ELSE 1 END;

-- How many independent units a stratum's share is as good as: its units over the design effect of
-- their messages, and over what is left to be drawn.
CREATE FUNCTION effective_size(
    correlation float8, x float8, xx float8, clusters float8, drawn_clusters float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN drawn_clusters >= clusters THEN float8 'infinity'
    ELSE x / (1 + correlation * (xx / nullif(x, 0) - 1)) * (clusters - 1)
         / (clusters - drawn_clusters) END;

-- Variance of the number of units in the denominator, drawn or not, as it is told by those drawn:
-- undecided and relayed ones are not in it. From the sums over drawn messages of x and their units u.
CREATE FUNCTION total_variance(x float8, u float8, xx float8, xu float8, uu float8, units float8,
                               clusters float8, drawn_clusters float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN drawn_clusters > 1 THEN
    (1 - drawn_clusters / clusters) * drawn_clusters / (drawn_clusters - 1)
    * scatter(x, u, xx, xu, uu) * (units / u) ^ 2 ELSE 0 END;

-- How much units of one day are alike (0: not at all, 1: the day decides), from daily sums y, x of
-- one or several windows, each with its own share p = sum(y) / sum(x):
--   scatter  = sum over windows of days / (days - 1) * sum((y - p * x)^2)
--   expected = sum over windows of p * (1 - p) * sum(x)
--   pairs    = sum over windows of p * (1 - p) * (sum(x^2) - sum(x))
-- Shrunk towards 0.03, as if five days had said so. That it is an estimate of few days widens it: 3.5
-- days, about what Student's t is wider than the normal.
CREATE FUNCTION day_correlation(scatter float8, expected float8, pairs float8, days float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN pairs > 0 THEN least(1, greatest(0,
    ((scatter - expected) / pairs * (days + 3.5) + 0.03 * 5) / (days + 5))) ELSE 0.03 END;

-- Overdispersion of a window: its variance over that of independent units, from its daily x.
CREATE FUNCTION overdispersion(day_correlation float8, sum_x float8, sum_x_squared float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1 + day_correlation * greatest(0, sum_x_squared / nullif(sum_x, 0) - 1);

-- Interval of the habit behind numerator / denominator; no row without a denominator. Where units were
-- sampled at rates r: numerator = share * denominator, denominator = sum(x/r)^2 / sum(x/r^2), and the
-- daily sums are of y/r and x/r, with sum(x/r^2) in place of sum(x) in `expected` and in what is
-- taken off sum(x^2).
CREATE FUNCTION process_interval(numerator float8, denominator float8, phi float8)
RETURNS TABLE (low float8, high float8) LANGUAGE sql IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
    SELECT share_end(numerator / nullif(denominator, 0), denominator / phi, -1),
           share_end(numerator / nullif(denominator, 0), denominator / phi, 1)
    WHERE denominator > 0;
END;

-- -- what Grafana may read (docs/grafana.md) --------------------------------------------------------------
--
-- Counts a day, made with the day's roll-up (monitor/measure/sql/roll_up_quality.sql), so that no
-- panel reads messages, documents or signatures.

CREATE TABLE verdict_day (
    day            date NOT NULL,
    agency_id      integer NOT NULL,
    channel        text NOT NULL,
    document_class text NOT NULL,
    relayed        boolean NOT NULL,
    sampled        boolean NOT NULL,
    overall        text NOT NULL,
    cause          text,
    documents      bigint NOT NULL
);
CREATE INDEX verdict_day_day ON verdict_day (day, agency_id);
CREATE INDEX verdict_day_agency ON verdict_day (agency_id, day);
COMMENT ON TABLE verdict_day IS 'Counted documents by verdict. Derived.';

CREATE TABLE reason_day (
    day       date NOT NULL,
    agency_id integer NOT NULL,
    channel   text NOT NULL,
    overall   text NOT NULL,
    cause     text,
    kind      text NOT NULL,
    reason    text NOT NULL,
    documents bigint NOT NULL
);
CREATE INDEX reason_day_day ON reason_day (day, agency_id);
CREATE INDEX reason_day_agency ON reason_day (agency_id, day);
COMMENT ON TABLE reason_day IS
    'Formal documents, counted and not relayed, that bear a finding (kind "finding") or a signature '
    'with a sub-indication ("sub_indication"). A document has any number of them. Derived.';

CREATE TABLE signature_day (
    day            date NOT NULL,
    agency_id      integer NOT NULL,
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
CREATE INDEX signature_day_day ON signature_day (day, agency_id);
CREATE INDEX signature_day_agency ON signature_day (agency_id, day);
COMMENT ON TABLE signature_day IS
    'Signatures that count, of counted documents that are not relayed; agency_id is who issued the '
    'document. Derived.';

CREATE TABLE mail_day (
    day       date NOT NULL,
    agency_id integer NOT NULL,
    direction text NOT NULL,
    automatic boolean NOT NULL,
    messages  bigint NOT NULL
);
CREATE INDEX mail_day_day ON mail_day (day, agency_id);
CREATE INDEX mail_day_agency ON mail_day (agency_id, day);
COMMENT ON TABLE mail_day IS
    'Messages that an agency sent ("out"), received ("in") or that stayed in it ("internal"). Derived.';

INSERT INTO changed_day SELECT DISTINCT day FROM message_key UNION SELECT DISTINCT day FROM document_key;

-- One agency through its days, or one indicator through its agencies.
CREATE INDEX day_fact_indicator ON day_fact (indicator, agency_id, day);

CREATE TABLE funnel_count (
    agency_id integer NOT NULL,
    role      text NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    sends     integer NOT NULL,
    signs     integer NOT NULL,
    validates integer NOT NULL,
    PRIMARY KEY (agency_id, role)
);
COMMENT ON TABLE funnel_count IS
    'Officials of an agency, by role, whose verified mail of the last 30 complete days carried formal '
    'documents, signed ones, validly signed ones. Derived; figures of accounts hold the steps before.';

ALTER TABLE signature ADD COLUMN signer_ref bigint;
COMMENT ON COLUMN signature.signer_ref IS
    'Keyed pseudonym of UID, mail address or subject with the kind of signer: the same in a renewed '
    'certificate, so that the one it replaces alarms nobody. A new key gives another.';

CREATE TABLE certificate_use (
    certificate_sha256 bytea NOT NULL,
    agency_id     integer NOT NULL,
    signer_kind   text,
    trust_class   text,
    not_after     timestamptz NOT NULL,
    last_used     date NOT NULL,
    signatures    bigint NOT NULL,
    replaced      boolean NOT NULL,
    PRIMARY KEY (certificate_sha256, agency_id)
);
COMMENT ON TABLE certificate_use IS
    'Certificates of an agency''s signers that signed validly in the last 90 complete days and end '
    'within the next 90. Derived.';
COMMENT ON COLUMN certificate_use.replaced IS
    'The same signer has since signed validly with a certificate that ends later.';

CREATE TABLE target_standing (
    target      text NOT NULL,
    code        text NOT NULL,
    ordinal     integer NOT NULL,
    title       text NOT NULL,
    indicator   text NOT NULL,
    scope       text NOT NULL,
    name        text NOT NULL,
    channel     text NOT NULL,
    window_name text NOT NULL,
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
    PRIMARY KEY (target, code)
);
COMMENT ON TABLE target_standing IS 'The plan''s targets as they stand now. Derived.';

-- Nobody but this product's role looks into its tables; Grafana's role sees the views alone.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
DO $$
BEGIN
    IF to_regnamespace('grafana') IS NULL THEN
        EXECUTE 'CREATE SCHEMA grafana';
    END IF;
END $$;
COMMENT ON SCHEMA grafana IS
    'Views for dashboards: counts by agency, level, day, channel and indicator, nothing of people, '
    'nothing sealed, no pseudonym, no name of a file, no number of a document.';

CREATE VIEW grafana.agency AS
SELECT a.code, coalesce(p.name, a.name) AS name, coalesce(p.level, a.level) AS level,
    coalesce(p.parent, a.parent) AS parent, p.agency_id IS NOT NULL AS in_force
FROM agency a
CROSS JOIN (SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day) AS today
LEFT JOIN agency_period p
    ON p.agency_id = a.agency_id AND today.day BETWEEN p.first_day AND p.last_day
WHERE a.agency_id <> 0 AND (a.listed OR p.agency_id IS NOT NULL);
COMMENT ON VIEW grafana.agency IS 'Agencies of the registry by their names of today.';

-- An agency's days as what it was on each of them.
CREATE VIEW grafana.agency_day AS
SELECT p.agency_id AS agency, a.code, p.name, p.level, p.first_day, p.last_day
FROM agency_period p JOIN agency a USING (agency_id) WHERE p.agency_id <> 0;
COMMENT ON VIEW grafana.agency_day IS
    'What each agency was called and which level it had, from one day to another; "agency" is a '
    'number within this database.';

CREATE VIEW grafana.figure AS
SELECT f.indicator, f.scope, f.code,
    CASE f.scope WHEN 'agency' THEN coalesce(a.name, f.code) ELSE f.code END AS name,
    CASE f.scope WHEN 'agency' THEN a.level WHEN 'level' THEN f.code END AS level,
    f.channel, f.document_class, f.role, f.base, f.window_name, f.first_day, f.last_day,
    f.numerator, f.denominator, f.undecided, f.checked, f.ratio, f.low, f.high, f.process_low,
    f.process_high, f.sample_fraction, f.coverage, f.undecided_share, f.state,
    CASE f.state WHEN 'ok' THEN 'đủ tin cậy' WHEN 'insufficient' THEN 'chưa đủ dữ liệu'
        WHEN 'no_data' THEN 'không có dữ liệu' WHEN 'stale' THEN 'dữ liệu cũ'
        ELSE f.state END AS state_words,
    f.changed_at
FROM figure f LEFT JOIN agency a ON f.scope = 'agency' AND a.code = f.code;
COMMENT ON VIEW grafana.figure IS 'The figures of this moment.';

-- Where only a part was verified, numerator and denominator are estimates: each stratum weighs what
-- it stands for.
CREATE VIEW grafana.day AS
WITH fact AS (
    SELECT f.day, f.indicator, f.agency_id, f.channel, f.document_class, f.base,
        f.numerator * w.weight AS numerator, f.denominator * w.weight AS denominator,
        f.undecided * w.weight AS undecided, f.denominator AS checked
    FROM day_fact f,
        LATERAL (SELECT coalesce(f.units::double precision / nullif(f.sampled_units, 0), 1)) AS w (weight)
    WHERE f.agency_id <> 0
), unit AS NOT MATERIALIZED (
    SELECT f.day, f.indicator, p.code, p.name, p.level, f.channel, f.document_class, f.base,
        f.numerator, f.denominator, f.undecided, f.checked
    FROM fact f JOIN grafana.agency_day p
        ON p.agency = f.agency_id AND f.day BETWEEN p.first_day AND p.last_day
)
SELECT day, indicator, 'agency' AS scope, code, name, level, channel, document_class, base,
    sum(numerator) AS numerator, sum(denominator) AS denominator, sum(undecided) AS undecided,
    sum(checked)::bigint AS checked
FROM unit GROUP BY day, indicator, code, name, level, channel, document_class, base
UNION ALL
SELECT day, indicator, 'level', level, level, level, channel, document_class, base,
    sum(numerator), sum(denominator), sum(undecided), sum(checked)::bigint
FROM unit GROUP BY day, indicator, level, channel, document_class, base
UNION ALL
SELECT day, indicator, 'province', 'province', 'province', NULL, channel, document_class, base,
    sum(numerator), sum(denominator), sum(undecided), sum(checked)::bigint
FROM unit GROUP BY day, indicator, channel, document_class, base;
COMMENT ON VIEW grafana.day IS
    'Numerator and denominator a day, of all agencies as they were on that day. Give an indicator.';

CREATE VIEW grafana.calendar AS
SELECT d.day::date AS day, coalesce(c.working, extract(isodow FROM d.day) < 6) AS working,
    coalesce(c.name, '') AS name
FROM (SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day) AS today
CROSS JOIN LATERAL generate_series(today.day - 760, today.day + 62, interval '1 day') AS d (day)
LEFT JOIN calendar_day c ON c.day = d.day::date;
COMMENT ON VIEW grafana.calendar IS 'Working days of two years and the next two months.';

CREATE VIEW grafana.verdict_day AS
SELECT v.day, p.code, p.name, p.level, v.channel, v.document_class, v.relayed, v.sampled,
    v.overall AS verdict, v.cause, v.documents
FROM verdict_day v JOIN grafana.agency_day p
    ON p.agency = v.agency_id AND v.day BETWEEN p.first_day AND p.last_day;

CREATE VIEW grafana.reason_day AS
SELECT r.day, p.code, p.name, p.level, r.channel, r.overall AS verdict, r.cause, r.kind, r.reason,
    r.documents
FROM reason_day r JOIN grafana.agency_day p
    ON p.agency = r.agency_id AND r.day BETWEEN p.first_day AND p.last_day
WHERE r.overall <> 'valid';
COMMENT ON VIEW grafana.reason_day IS
    'Why formal documents are not valid: a document has any number of reasons, so they do not add up.';

CREATE VIEW grafana.finding_day AS
SELECT r.day, p.code, p.name, p.level, r.channel, r.reason AS finding, sum(r.documents)::bigint AS documents
FROM reason_day r JOIN grafana.agency_day p
    ON p.agency = r.agency_id AND r.day BETWEEN p.first_day AND p.last_day
WHERE r.kind = 'finding'
GROUP BY 1, 2, 3, 4, 5, 6;

CREATE VIEW grafana.signature_day AS
SELECT s.day, p.code, p.name, p.level, s.channel, s.document_class, s.format,
    s.level AS format_level, s.indication, s.sub_indication, s.trust_class, s.time_source,
    s.signer_kind, s.signatures
FROM signature_day s JOIN grafana.agency_day p
    ON p.agency = s.agency_id AND s.day BETWEEN p.first_day AND p.last_day;

CREATE VIEW grafana.mail_day AS
SELECT m.day, p.code, p.name, p.level, m.direction, m.automatic, m.messages
FROM mail_day m JOIN grafana.agency_day p
    ON p.agency = m.agency_id AND m.day BETWEEN p.first_day AND p.last_day;

CREATE VIEW grafana.coverage_day AS
SELECT c.day, p.code, p.name, p.level, c.channel, c.captured, c.logged AS sent
FROM coverage_day c JOIN grafana.agency_day p
    ON p.agency = c.agency_id AND c.day BETWEEN p.first_day AND p.last_day;

CREATE VIEW grafana.change_day AS
SELECT (v.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, v.owner, v.reason, v.old_overall,
    v.new_overall, count(*) AS changes
FROM verdict_change v GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW grafana.change_day IS 'Verdicts that were changed later, by day of the change.';

CREATE VIEW grafana.account AS
SELECT a.code, a.name, a.level, c.role, c.state, c.accounts
FROM account_count c JOIN agency a USING (agency_id) WHERE a.agency_id <> 0;

CREATE VIEW grafana.axis_day WITH (security_barrier) AS
SELECT d.day, p.code, p.name, p.level, w.direction,
    CASE WHEN d.state IN ('assigned', 'processing') THEN 'received' ELSE d.state END AS state,
    count(*) AS deliveries
FROM axis_delivery d
CROSS JOIN LATERAL (VALUES ('out', d.sender_agency_id), ('in', d.agency_id)) AS w (direction, agency_id)
JOIN grafana.agency_day p
    ON p.agency = w.agency_id AND d.day BETWEEN p.first_day AND p.last_day
GROUP BY 1, 2, 3, 4, 5, 6;
COMMENT ON VIEW grafana.axis_day IS
    'Deliveries on the exchange axis by the day of sending. Give days: each delivery is counted anew.';

CREATE VIEW grafana.drop_acknowledged WITH (security_barrier) AS
SELECT at, scope, code, indicator, channel, day FROM drop_acknowledged;

CREATE VIEW grafana.sampling_rate AS SELECT stratum, from_at, rate FROM sampling_rate;

CREATE VIEW grafana.certificate WITH (security_barrier) AS
SELECT a.code, a.name, a.level, c.signer_kind, c.trust_class,
    (c.not_after AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS ends_on,
    (c.not_after AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        - (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS days_left,
    max(c.last_used) AS last_used, count(*) AS certificates, sum(c.signatures)::bigint AS signatures
FROM certificate_use c JOIN agency a USING (agency_id)
WHERE NOT c.replaced AND a.agency_id <> 0
GROUP BY 1, 2, 3, 4, 5, 6, 7;
COMMENT ON VIEW grafana.certificate IS
    'Certificates in use that end within 90 days, by the day they end; whose they are is not here.';

CREATE VIEW grafana.target AS
SELECT target, ordinal, title, indicator, scope, code, name, channel, window_name, value, due,
    due - (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS days_left, numerator, denominator, state,
    ratio, gap, path, greatest(path - ratio, 0) AS path_gap, units_short, assessment
FROM target_standing;

CREATE VIEW grafana.funnel AS
WITH step (step_order, step, indicator) AS (
    VALUES (1, 'roster', 'accounts_provisioned'), (2, 'provisioned', 'accounts_provisioned'),
        (3, 'active', 'accounts_active'), (4, 'habitual', 'accounts_habitual')
), documents AS (
    SELECT g.scope, g.code, r.role, sum(c.sends) AS sends, sum(c.signs) AS signs,
        sum(c.validates) AS validates
    FROM funnel_count c JOIN agency a USING (agency_id),
        LATERAL (VALUES ('agency', a.code), ('level', a.level), ('province', 'province'))
            AS g (scope, code),
        LATERAL (SELECT '' AS role UNION ALL SELECT c.role WHERE c.role = 'leader') AS r
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3
), counted AS (
    SELECT f.scope, f.code, f.role, s.step_order, s.step,
        CASE WHEN s.step = 'roster' THEN nullif(f.denominator, 0)
             WHEN f.state <> 'no_data' THEN f.numerator END AS people
    FROM figure f JOIN step s USING (indicator)
    WHERE f.window_name = '30d' AND f.role IN ('', 'leader') AND f.base = ''
    UNION ALL
    SELECT d.scope, d.code, d.role, n.step_order, n.step, n.people
    FROM documents d, LATERAL (VALUES (5, 'sends', d.sends), (6, 'signs', d.signs),
        (7, 'validates', d.validates)) AS n (step_order, step, people)
)
SELECT c.scope, c.code, CASE c.scope WHEN 'agency' THEN coalesce(a.name, c.code) ELSE c.code END AS name,
    CASE c.scope WHEN 'agency' THEN a.level WHEN 'level' THEN c.code END AS level,
    c.role, c.step_order, c.step, c.people::bigint AS people
FROM counted c LEFT JOIN agency a ON c.scope = 'agency' AND a.code = c.code;
COMMENT ON VIEW grafana.funnel IS
    'Officials from the roster to valid signatures over 30 complete days; role empty is everyone. '
    'people is null where nothing is known.';

CREATE VIEW grafana.register_month AS
SELECT date_trunc('month', f.day)::date AS month, p.code, p.name, p.level,
    sum(f.denominator) FILTER (WHERE f.indicator = 'document_electronic')::bigint AS documents,
    sum(f.numerator) FILTER (WHERE f.indicator = 'document_electronic')::bigint AS electronic,
    sum(f.numerator) FILTER (WHERE f.indicator = 'document_parallel_paper')::bigint AS parallel,
    sum(f.numerator) FILTER (WHERE f.indicator = 'document_paperless')::bigint AS paperless,
    sum(f.undecided) FILTER (WHERE f.indicator = 'document_electronic')::bigint AS undecided
FROM day_fact f JOIN grafana.agency_day p
    ON p.agency = f.agency_id AND f.day BETWEEN p.first_day AND p.last_day
WHERE f.indicator IN ('document_electronic', 'document_parallel_paper', 'document_paperless')
  AND f.base = ''
GROUP BY 1, 2, 3, 4;

-- Agencies that cannot be told apart from the best of a group share its place: of what is left the
-- best ratio leads a group, and whose interval reaches its lower bound is in it.
CREATE FUNCTION rank_groups(ratios double precision[], lows double precision[], highs double precision[])
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    groups integer[] := array_fill(0, ARRAY[coalesce(cardinality(ratios), 0)]);
    best integer;
    number integer := 0;
    n integer;
BEGIN
    LOOP
        best := NULL;
        FOR n IN 1 .. cardinality(groups) LOOP
            IF groups[n] = 0 AND (best IS NULL OR ratios[n] > ratios[best]
                    OR ratios[n] = ratios[best] AND lows[n] > lows[best]) THEN
                best := n;
            END IF;
        END LOOP;
        EXIT WHEN best IS NULL;
        number := number + 1;
        FOR n IN 1 .. cardinality(groups) LOOP
            IF groups[n] = 0 AND highs[n] >= lows[best] THEN
                groups[n] := number;
            END IF;
        END LOOP;
        groups[best] := number;
    END LOOP;
    RETURN groups;
END $$;
COMMENT ON FUNCTION rank_groups IS 'Number of the group of each, 1 is the best; values without nulls.';

-- An interval that was not given has no width: then figures are compared as they are.
CREATE VIEW grafana.ranking AS
WITH unit AS (
    SELECT f.indicator, f.channel, f.document_class, f.role, f.base, f.window_name, f.code, a.name,
        a.level, f.numerator, f.denominator, f.undecided_share, f.coverage, f.ratio, f.state,
        coalesce(f.process_low, f.low, f.ratio) AS low,
        coalesce(f.process_high, f.high, f.ratio) AS high
    FROM figure f JOIN agency a ON a.code = f.code
    WHERE f.scope = 'agency'
), field AS (
    SELECT u.indicator, u.channel, u.document_class, u.role, u.base, u.window_name, g.among,
        array_agg(u.code ORDER BY u.code) AS codes,
        rank_groups(array_agg(u.ratio ORDER BY u.code), array_agg(u.low ORDER BY u.code),
                    array_agg(u.high ORDER BY u.code)) AS groups,
        array_agg(u.low ORDER BY u.low) AS lows,
        array_agg(- u.high ORDER BY - u.high) AS highs
    FROM unit u, LATERAL (VALUES ('province'), ('level:' || u.level)) AS g (among)
    WHERE u.state = 'ok' AND u.ratio IS NOT NULL AND g.among IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), place AS (
    SELECT f.indicator, f.channel, f.document_class, f.role, f.base, f.window_name, f.among, m.code,
        m.place_group, cardinality(f.codes) AS ranked, f.lows, f.highs
    FROM field f, unnest(f.codes, f.groups) AS m (code, place_group)
)
SELECT g.among, u.indicator, u.channel, u.document_class, u.role, u.base, u.window_name, u.code,
    u.name, u.level, u.numerator, u.denominator, u.undecided_share, u.coverage, u.ratio, u.low,
    u.high, u.state, p.ranked,
    p.ranked - width_bucket(u.high, p.lows) + 1 AS place_best,
    width_bucket(- u.low, p.highs) AS place_worst,
    p.place_group
FROM unit u
CROSS JOIN LATERAL (VALUES ('province'), ('level:' || u.level)) AS g (among)
LEFT JOIN place p ON u.state = 'ok' AND p.indicator = u.indicator AND p.channel = u.channel
    AND p.document_class = u.document_class AND p.role = u.role AND p.base = u.base
    AND p.window_name = u.window_name AND p.among = g.among AND p.code = u.code
WHERE g.among IS NOT NULL;
COMMENT ON VIEW grafana.ranking IS
    'Agencies beside each other: place_best counts who is certainly better, place_worst who is not '
    'certainly worse; who cannot be told apart from the best of a group shares place_group. Null '
    'where the figure may not be used. among: "province", or "level:" and a level.';

-- Figures as they stood at the end of each working day: of the last five working days and of the
-- twenty before them, with the process interval of this moment's figures (docs/statistics.md).
CREATE VIEW grafana.rolling AS
WITH worked AS (
    SELECT day, row_number() OVER (ORDER BY day) AS n FROM grafana.calendar
    WHERE working AND day < (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
), fact AS (
    SELECT d.day, d.indicator, d.scope, d.code, d.name, d.level, d.channel, w.n,
        d.numerator AS y, d.denominator AS x, d.undecided AS v,
        -- Of units that stand for several, the sum of squares of what they stand for.
        d.denominator ^ 2 / nullif(d.checked, 0) AS q
    FROM grafana.day d JOIN worked w USING (day)
    WHERE d.document_class = 'formal' AND d.base = ''
), summed AS (
    SELECT day, indicator, scope, code, name, level, channel,
        sum(y) OVER five AS y5, sum(x) OVER five AS x5, sum(v) OVER five AS v5, sum(q) OVER five AS q5,
        sum(y * y) OVER five AS yy5, sum(x * y) OVER five AS xy5, sum(x * x) OVER five AS xx5,
        count(*) FILTER (WHERE x > 0) OVER five AS n5,
        sum(y) OVER prior AS y20, sum(x) OVER prior AS x20, sum(v) OVER prior AS v20,
        sum(q) OVER prior AS q20, sum(y * y) OVER prior AS yy20, sum(x * y) OVER prior AS xy20,
        sum(x * x) OVER prior AS xx20, count(*) FILTER (WHERE x > 0) OVER prior AS n20
    FROM fact
    WINDOW five AS (PARTITION BY indicator, scope, code, channel ORDER BY n
                    RANGE BETWEEN 4 PRECEDING AND CURRENT ROW),
        prior AS (PARTITION BY indicator, scope, code, channel ORDER BY n
                  RANGE BETWEEN 24 PRECEDING AND 5 PRECEDING)
), correlated AS (
    SELECT s.*, day_correlation(a.scatter + b.scatter, a.expected + b.expected, a.pairs + b.pairs,
                                a.days + b.days) AS correlation
    FROM summed s,
        LATERAL (SELECT
            CASE WHEN n5 > 1 AND x5 > 0 THEN n5::float8 / (n5 - 1) * scatter(y5, x5, yy5, xy5, xx5)
                ELSE 0 END,
            CASE WHEN n5 > 1 AND x5 > 0 THEN y5 / x5 * (1 - y5 / x5) * q5 ELSE 0 END,
            CASE WHEN n5 > 1 AND x5 > 0 THEN y5 / x5 * (1 - y5 / x5) * (xx5 - q5) ELSE 0 END,
            CASE WHEN n5 > 1 AND x5 > 0 THEN n5 ELSE 0 END
        ) AS a (scatter, expected, pairs, days),
        LATERAL (SELECT
            CASE WHEN n20 > 1 AND x20 > 0
                THEN n20::float8 / (n20 - 1) * scatter(y20, x20, yy20, xy20, xx20) ELSE 0 END,
            CASE WHEN n20 > 1 AND x20 > 0 THEN y20 / x20 * (1 - y20 / x20) * q20 ELSE 0 END,
            CASE WHEN n20 > 1 AND x20 > 0 THEN y20 / x20 * (1 - y20 / x20) * (xx20 - q20) ELSE 0 END,
            CASE WHEN n20 > 1 AND x20 > 0 THEN n20 ELSE 0 END
        ) AS b (scatter, expected, pairs, days)
)
SELECT c.day, c.indicator, c.scope, c.code, c.name, c.level, c.channel, w.window_name,
    w.y AS numerator, w.x AS denominator, w.v AS undecided, w.y / nullif(w.x, 0) AS ratio,
    w.v / nullif(w.x + w.v, 0) AS undecided_share, i.low, i.high
FROM correlated c
CROSS JOIN LATERAL (VALUES ('wd5', y5, x5, v5, q5, xx5), ('wd20_prior', y20, x20, v20, q20, xx20))
    AS w (window_name, y, x, v, q, xx)
LEFT JOIN LATERAL process_interval(w.y / nullif(w.x, 0) * (w.x ^ 2 / w.q), w.x ^ 2 / w.q,
    overdispersion(c.correlation, w.q, w.xx)) AS i ON w.x > 0
WHERE w.x + w.v > 0;
COMMENT ON VIEW grafana.rolling IS
    'wd5 and wd20_prior as of the end of each working day that had facts. Give indicator and code.';

-- A week's figures of formal documents or mail. low and high are of sampling alone: a week that was
-- verified whole has no width. process_low and process_high are of the habit; how much units of one day
-- are alike is taken from the week and the four before it.
CREATE VIEW grafana.trend AS
WITH unit AS NOT MATERIALIZED (
    SELECT date_trunc('week', f.day)::date AS day, f.indicator, p.code, p.level, f.channel, f.rate,
        f.numerator, f.denominator, f.undecided, f.units, f.sampled_units, f.clusters,
        f.sampled_clusters, f.yy, f.xy, f.xx
    FROM day_fact f JOIN grafana.agency_day p
        ON p.agency = f.agency_id AND f.day BETWEEN p.first_day AND p.last_day
    WHERE f.document_class = 'formal' AND f.base = '' AND f.agency_id <> 0
), grouped AS (
    SELECT day, indicator, 'agency' AS scope, code, channel, rate, sum(numerator)::float8 AS y,
        sum(denominator)::float8 AS x, sum(undecided)::float8 AS v, sum(units)::float8 AS units,
        sum(sampled_units)::float8 AS drawn, sum(clusters)::float8 AS clusters,
        sum(sampled_clusters)::float8 AS drawn_clusters, sum(yy)::float8 AS yy,
        sum(xy)::float8 AS xy, sum(xx)::float8 AS xx
    FROM unit GROUP BY day, indicator, code, channel, rate
    UNION ALL
    SELECT day, indicator, 'level', level, channel, rate, sum(numerator), sum(denominator),
        sum(undecided), sum(units), sum(sampled_units), sum(clusters), sum(sampled_clusters),
        sum(yy), sum(xy), sum(xx)
    FROM unit GROUP BY day, indicator, level, channel, rate
    UNION ALL
    SELECT day, indicator, 'province', 'province', channel, rate, sum(numerator), sum(denominator),
        sum(undecided), sum(units), sum(sampled_units), sum(clusters), sum(sampled_clusters),
        sum(yy), sum(xy), sum(xx)
    FROM unit GROUP BY day, indicator, channel, rate
), arm AS (
    SELECT g.*, g.y * a.each AS good, g.x * a.each AS weight, g.v * a.each AS open, a.share,
        share_end(a.share, a.size, -1) AS low, share_end(a.share, a.size, 1) AS high
    FROM grouped g, LATERAL (SELECT
        CASE WHEN rate = 1 THEN 1 ELSE coalesce(units / nullif(drawn, 0), 0) END, y / nullif(x, 0),
        CASE WHEN rate = 1 THEN float8 'infinity' ELSE
            effective_size(cluster_correlation(y, x, yy, xy, xx, drawn_clusters), x, xx, clusters,
                           drawn_clusters) END
    ) AS a (each, share, size)
), summed AS (
    SELECT day, indicator, scope, code, channel, sum(good) AS good, sum(weight) AS weight,
        sum(open) AS open, sum(x)::bigint AS checked,
        sqrt(sum((weight * (share - low)) ^ 2)) AS below,
        sqrt(sum((weight * (high - share)) ^ 2)) AS above
    FROM arm GROUP BY day, indicator, scope, code, channel
), week AS (
    SELECT date_trunc('week', d.day)::date AS day, d.indicator, d.scope, d.code, d.channel,
        sum(d.numerator) AS y, sum(d.denominator) AS x,
        sum(d.denominator ^ 2 / nullif(d.checked, 0)) AS q, sum(d.numerator ^ 2) AS yy,
        sum(d.numerator * d.denominator) AS xy, sum(d.denominator ^ 2) AS xx,
        count(*)::float8 AS days
    FROM grafana.day d
    WHERE d.document_class = 'formal' AND d.base = '' AND d.denominator > 0
    GROUP BY 1, 2, 3, 4, 5
), spread AS (
    SELECT w.*, sum(p.scatter) OVER recent AS scatter, sum(p.expected) OVER recent AS expected,
        sum(p.pairs) OVER recent AS pairs, sum(p.days) OVER recent AS alike_days
    FROM week w, LATERAL (SELECT
        CASE WHEN days > 1 THEN days / (days - 1) * scatter(y, x, yy, xy, xx) ELSE 0 END,
        CASE WHEN days > 1 THEN y / x * (1 - y / x) * q ELSE 0 END,
        CASE WHEN days > 1 THEN y / x * (1 - y / x) * (xx - q) ELSE 0 END,
        CASE WHEN days > 1 THEN days ELSE 0 END
    ) AS p (scatter, expected, pairs, days)
    WINDOW recent AS (PARTITION BY indicator, scope, code, channel ORDER BY day
                      RANGE BETWEEN interval '28 days' PRECEDING AND CURRENT ROW)
), habit AS (
    SELECT p.day, p.indicator, p.scope, p.code, p.channel, i.low, i.high
    FROM spread p, LATERAL process_interval(p.y / p.x * (p.x ^ 2 / p.q), p.x ^ 2 / p.q,
        overdispersion(day_correlation(p.scatter, p.expected, p.pairs, p.alike_days), p.q, p.xx)) AS i
)
SELECT s.day, s.indicator, s.scope, s.code,
    CASE s.scope WHEN 'agency' THEN coalesce(a.name, s.code) ELSE s.code END AS name,
    CASE s.scope WHEN 'agency' THEN a.level WHEN 'level' THEN s.code END AS level,
    s.channel, s.good AS numerator, s.weight AS denominator, s.open AS undecided, s.checked, r.ratio,
    greatest(0, r.ratio - s.below / nullif(s.weight, 0)) AS low,
    least(1, r.ratio + s.above / nullif(s.weight, 0)) AS high,
    s.open / nullif(s.weight + s.open, 0) AS undecided_share, h.low AS process_low,
    h.high AS process_high
FROM summed s LEFT JOIN agency a ON s.scope = 'agency' AND a.code = s.code
LEFT JOIN habit h ON h.day = s.day AND h.indicator = s.indicator AND h.scope = s.scope
    AND h.code = s.code AND h.channel = s.channel,
    LATERAL (SELECT s.good / nullif(s.weight, 0)) AS r (ratio);
COMMENT ON VIEW grafana.trend IS 'Figures a week; day is its Monday. Give an indicator.';

-- A closed month beside the one before and the one a year before, of all agencies and of those alone
-- that were in force on every day from the first of the one to the last of the other.
CREATE VIEW grafana.same_agencies AS
WITH fact AS (
    SELECT date_trunc('month', f.day)::date AS month, f.indicator, f.agency_id, f.channel,
        sum(f.numerator * w.weight) AS y, sum(f.denominator * w.weight) AS x
    FROM day_fact f,
        LATERAL (SELECT coalesce(f.units::float8 / nullif(f.sampled_units, 0), 1)) AS w (weight)
    WHERE f.document_class = 'formal' AND f.base = '' AND f.agency_id <> 0
    GROUP BY 1, 2, 3, 4
), pair AS (
    SELECT m.month::date AS month, b.against, (m.month - b.back)::date AS against_month,
        (m.month + interval '1 month - 1 day')::date AS last_day
    FROM generate_series(
            date_trunc('month', now() AT TIME ZONE 'Asia/Ho_Chi_Minh') - interval '24 months',
            date_trunc('month', now() AT TIME ZONE 'Asia/Ho_Chi_Minh') - interval '1 month',
            interval '1 month') AS m (month),
        (VALUES ('month_before', interval '1 month'), ('year_before', interval '1 year'))
            AS b (against, back)
), whose AS (
    SELECT p.month, p.against, p.against_month, l.agency_id, s.same, g.scope, g.code
    FROM pair p
    JOIN agency_period l ON l.last_day >= p.against_month AND l.first_day <= p.last_day
        AND NOT EXISTS (SELECT FROM agency_period later WHERE later.agency_id = l.agency_id
            AND later.first_day > l.first_day AND later.first_day <= p.last_day),
    LATERAL (SELECT sum(least(i.last_day, p.last_day) - greatest(i.first_day, p.against_month) + 1)
                 = p.last_day - p.against_month + 1 AS same
             FROM agency_period i WHERE i.agency_id = l.agency_id
               AND i.last_day >= p.against_month AND i.first_day <= p.last_day) AS s,
    LATERAL (VALUES ('level', l.level), ('province', 'province')) AS g (scope, code)
), total AS (
    SELECT w.month, w.against, w.against_month, w.scope, w.code, f.indicator, f.channel,
        count(DISTINCT f.agency_id) FILTER (WHERE w.same) AS agencies,
        sum(f.y) FILTER (WHERE f.month = w.month) AS y,
        sum(f.x) FILTER (WHERE f.month = w.month) AS x,
        sum(f.y) FILTER (WHERE f.month = w.against_month) AS yb,
        sum(f.x) FILTER (WHERE f.month = w.against_month) AS xb,
        sum(f.y) FILTER (WHERE f.month = w.month AND w.same) AS ys,
        sum(f.x) FILTER (WHERE f.month = w.month AND w.same) AS xs,
        sum(f.y) FILTER (WHERE f.month = w.against_month AND w.same) AS ysb,
        sum(f.x) FILTER (WHERE f.month = w.against_month AND w.same) AS xsb
    FROM whose w JOIN fact f ON f.agency_id = w.agency_id AND f.month IN (w.month, w.against_month)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT month, against, against_month, indicator, scope, code, channel, y AS numerator,
    x AS denominator, y / nullif(x, 0) AS ratio, yb AS against_numerator, xb AS against_denominator,
    yb / nullif(xb, 0) AS against_ratio, agencies AS same_agencies, ys AS same_numerator,
    xs AS same_denominator, ys / nullif(xs, 0) AS same_ratio, ysb AS same_against_numerator,
    xsb AS same_against_denominator, ysb / nullif(xsb, 0) AS same_against_ratio
FROM total;
COMMENT ON VIEW grafana.same_agencies IS
    'Closed months of formal documents and mail against an earlier one, of all agencies and of the '
    'same ones. Give an indicator.';
