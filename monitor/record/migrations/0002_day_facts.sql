-- Daily roll-up of what the indicators add, so that a refresh costs what changed and not what is
-- recorded: 6 to 10 s a refresh at a million documents without it.

-- A writer adds the days whose facts its transaction changed; rows are only ever added and taken,
-- so writers never wait for each other. Whoever sees the row sees the change.
CREATE TABLE changed_day (
    day date NOT NULL
);
COMMENT ON TABLE changed_day IS 'Days whose facts have to be computed anew.';

CREATE TABLE day_fact (
    day            date NOT NULL,
    indicator      text NOT NULL,
    agency_id      integer NOT NULL,
    channel        text NOT NULL,
    document_class text NOT NULL,
    numerator      bigint NOT NULL,
    denominator    bigint NOT NULL,
    undecided      bigint NOT NULL,
    PRIMARY KEY (day, indicator, agency_id, channel, document_class)
);
COMMENT ON TABLE day_fact IS
    'Numerator, denominator and undecided units a Vietnam day; derived from message, document and '
    'signature.';

INSERT INTO changed_day SELECT day FROM document UNION SELECT day FROM message;
