-- The steps from facts of days to figures, each filled by the statement of its name.
CREATE TEMPORARY TABLE figure_day (
    window_name text NOT NULL,
    day         date NOT NULL,
    working     boolean NOT NULL
) ON COMMIT DROP;

-- Sums over the days of a window of what was drawn at one rate: y numerator, x denominator,
-- v undecided. Where the rate is 1 the rest is null.
CREATE TEMPORARY TABLE figure_stratum (
    indicator text, scope text, code text, channel text, document_class text, base text,
    window_name text, rate real,
    y bigint, x bigint, v bigint,
    units bigint, drawn bigint, clusters bigint, drawn_clusters bigint,
    yy bigint, xy bigint, xx bigint, xu bigint, uu bigint
) ON COMMIT DROP;

-- What each figure is worth, with the finite-population interval.
CREATE TEMPORARY TABLE figure_estimate (
    indicator text, scope text, code text, channel text, document_class text, base text,
    window_name text,
    numerator bigint, denominator bigint, undecided bigint, ratio float8, low float8, high float8,
    checked bigint, sample_fraction float8
) ON COMMIT DROP;

-- Process intervals, of the indicators that are watched.
CREATE TEMPORARY TABLE figure_process (
    indicator text, scope text, code text, channel text, document_class text, base text,
    window_name text, low float8, high float8
) ON COMMIT DROP
