CREATE TEMPORARY TABLE period_document (
    document_uid uuid NOT NULL,
    day          date NOT NULL,
    verdict      text NOT NULL
) ON COMMIT DROP;
CREATE TEMPORARY TABLE period_reason (
    verdict text   NOT NULL,
    reasons text[] NOT NULL
) ON COMMIT DROP
