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
    ADD COLUMN yu               bigint,
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
    'Finite-population interval, 95%: of what happened. Zero width at a census; null for rosters.';
COMMENT ON COLUMN figure.process_low IS
    'Process interval, 95%: of the habit behind it, with day-to-day variation. Null for rosters.';

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
RETURN least(1, greatest(0,
    (share + 1.9207294 / nullif(size, 0)
        + side * sqrt(1.9207294 / nullif(size, 0)
                      * (1.9207294 / nullif(size, 0) + 2 * share * (1 - share))))
    / (1 + 3.8414588 / nullif(size, 0))));

-- How much units of one day are alike (0: not at all, 1: the day decides), from daily sums y, x of
-- one or several windows, each with its own share p = sum(y) / sum(x):
--   scatter  = sum over windows of days / (days - 1) * sum((y - p * x)^2)
--   expected = sum over windows of p * (1 - p) * sum(x)
--   pairs    = sum over windows of p * (1 - p) * (sum(x^2) - sum(x))
-- Shrunk towards 0.02, as if five days had said so.
CREATE FUNCTION day_correlation(scatter float8, expected float8, pairs float8, days float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(1, greatest(0,
    coalesce((scatter - expected) / nullif(pairs, 0) * days / (days + 5), 0)
    + 0.02 * CASE WHEN pairs > 0 THEN 5 / (days + 5) ELSE 1 END));

-- Overdispersion of a window: its variance over that of independent units, from its daily x.
CREATE FUNCTION overdispersion(day_correlation float8, sum_x float8, sum_x_squared float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1 + day_correlation * greatest(0, sum_x_squared / nullif(sum_x, 0) - 1);

-- Interval of the habit behind numerator / denominator; no row without a denominator. Where units were
-- sampled at rates r: numerator = share * denominator, denominator = sum(x/r)^2 / sum(x/r^2), and the
-- daily sums are of y/r and x/r, with sum(x/r^2) in place of sum(x) in `expected` and in what is
-- taken off sum(x^2).
CREATE FUNCTION process_interval(numerator float8, denominator float8, phi float8)
RETURNS TABLE (low float8, high float8) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT wilson_end(numerator / denominator, denominator / phi, -1),
           wilson_end(numerator / denominator, denominator / phi, 1)
    WHERE denominator > 0
$$;
