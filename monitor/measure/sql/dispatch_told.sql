-- When documents were signed and sent, and whether in time: a row each of `issued` (told).
--
-- unit: documents as in dispatch_units   issued: the same with stamped_on, the day of the latest
-- time-stamp as in dispatch_stamp; met_at, when their sending was captured; and open, not judged for
-- our own lack of data
-- $2 Vietnam time of the working day after the signing day that is still in time
--
-- Signed: the latest trusted time-stamp on a valid signature of the issuer (a registry's stamp signs
-- no content), else what the register says. Sent: as captured where that is known, else what the
-- register says. Base "observed" takes neither from the register. A document that was sent before
-- the day of its signature has contradictory times, and one whose signatures cannot be judged for
-- our own lack of data may yet have a time: both are undecided. One without both times is in nothing.
--
-- Below rate 1 (docs/statistics.md) a unit is a document whose sending is known; when those that
-- were not drawn were signed nobody knows.
declared AS (
    SELECT DISTINCT ON (f.document_uid) f.document_uid,
           coalesce(vietnam_day(e.signed_at), e.issued_on) AS signed_on, e.sent_at
    FROM unit d JOIN register_file f USING (document_uid) JOIN register_entry e USING (entry_id)
    WHERE f.how <> 'refused' AND e.direction = 'out' AND e.gone_run_id IS NULL
    ORDER BY f.document_uid, e.entry_id
), timed AS MATERIALIZED (
    SELECT d.*, coalesce(d.stamped_on, r.signed_on) AS signed_on,
           coalesce(d.met_at, r.sent_at) AS sent_at
    FROM issued d LEFT JOIN declared r USING (document_uid)
), due AS (
    SELECT signed_on, ((
        SELECT min(next) FROM generate_series(signed_on + 1, signed_on + 31, interval '1 day') AS next
        WHERE is_working_day(next::date)
    )::date + $2::time) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS until
    FROM (SELECT DISTINCT signed_on FROM timed WHERE signed_on IS NOT NULL) AS signing_day
), told AS (
    -- Where there is a stamp it is what decides: until is that of both.
    SELECT t.*,
           sent_at IS NOT NULL AND (signed_on IS NOT NULL OR open OR sampled_rate < 1) AS known,
           sampled AND NOT relayed AND (signed_on IS NOT NULL OR open) AS judged,
           sent_at <= until AS good,
           signed_on IS NULL OR vietnam_day(sent_at) < signed_on AS undecided,
           met_at IS NOT NULL AND (stamped_on IS NOT NULL OR open OR sampled_rate < 1) AS seen,
           sampled AND NOT relayed AND (stamped_on IS NOT NULL OR open) AS seen_judged,
           met_at <= until AS seen_good,
           stamped_on IS NULL OR vietnam_day(met_at) < stamped_on AS seen_undecided
    FROM timed t LEFT JOIN due USING (signed_on)
)
