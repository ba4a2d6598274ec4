-- Where a document came to lie anew, the registers of its agency may have what it is.
WITH moved AS (
    UPDATE document d SET day = r.day, first_at = r.first_at, counted = r.counted
    FROM unnest($1::uuid[], $2::date[], $3::date[], $4::timestamptz[], $5::boolean[])
        AS r (document_uid, old_day, day, first_at, counted)
    WHERE d.document_uid = r.document_uid AND d.day = r.old_day AND d.day = ANY ($2::date[])
    RETURNING d.agency_id, d.day
)
INSERT INTO register_match_due SELECT DISTINCT agency_id, day, true FROM moved
