-- verdict: what the reasons of a document follow from, as JSON of monitor.model.Verdict.
CREATE TEMPORARY TABLE period_document (
    code text, document_uid uuid, channel text, day date, first_at timestamptz, number text,
    notation text, issued_on date, file_name text, content_hash bytea, overall text, cause text,
    verdict text, lacking text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE period_reason (
    verdict text   NOT NULL,
    reasons text[] NOT NULL
) ON COMMIT DROP
