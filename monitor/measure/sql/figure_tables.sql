-- The steps from facts of days to figures, each filled by the statement of its name.
CREATE TEMPORARY TABLE figure_day (
    window_name text NOT NULL,
    day         date NOT NULL,
    working     boolean NOT NULL
) ON COMMIT DROP;

-- Whose facts count: each window has one of the sets of agencies below it.
CREATE TEMPORARY TABLE figure_window (
    window_name text NOT NULL,
    whose       text NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE figure_agency (
    whose     text    NOT NULL,
    agency_id integer NOT NULL,
    code      text    NOT NULL,
    level     text
) ON COMMIT DROP;

-- From which stretches of days it is taken how much the units of a day are alike, about each
-- stretch's own share; a window without any has no process interval.
CREATE TEMPORARY TABLE figure_alike (
    window_name text NOT NULL,
    stretch     text NOT NULL,
    day         date NOT NULL
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
) ON COMMIT DROP;

-- The figures themselves, as they are stored.
CREATE TEMPORARY TABLE figure_result (
    indicator text, scope text, code text, channel text, document_class text, base text,
    window_name text, first_day date, last_day date,
    numerator bigint, denominator bigint, undecided bigint, ratio float8, low float8, high float8,
    process_low float8, process_high float8, checked bigint, sample_fraction float8,
    undecided_share float8, state text, coverage float8
) ON COMMIT DROP
