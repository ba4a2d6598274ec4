-- What its dispatch says of a document goes with the dispatch; what it does not say stays.
-- Registers of its agency may have what lies on another day now.
WITH moved AS (
    UPDATE document d SET day = r.day, first_at = r.first_at, counted = r.counted,
        number = coalesce(r.number, d.number), notation = coalesce(r.notation, d.notation),
        issued_on = coalesce(r.issued_on, d.issued_on), paper = coalesce(r.paper, d.paper),
        dispatch_known = r.dispatch_known
    FROM unnest($1::uuid[], $2::date[], $3::date[], $4::timestamptz[], $5::boolean[], $6::text[],
                $7::text[], $8::date[], $9::text[], $10::boolean[])
        AS r (document_uid, old_day, day, first_at, counted, number, notation, issued_on, paper,
              dispatch_known)
    WHERE d.document_uid = r.document_uid AND d.day = r.old_day AND d.day = ANY ($2::date[])
    RETURNING d.agency_id, d.day
)
INSERT INTO register_match_due SELECT DISTINCT agency_id, day, true FROM moved
