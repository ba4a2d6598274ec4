CREATE TEMP TABLE posture_look (
    domain     text NOT NULL,
    checked_at timestamptz NOT NULL,
    questions  integer NOT NULL,
    jitter     double precision NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE posture_result (
    domain     text NOT NULL,
    check_name text NOT NULL,
    status     text NOT NULL,
    reason     text NOT NULL,
    facts      jsonb NOT NULL,
    evidence   text[] NOT NULL
) ON COMMIT DROP;
