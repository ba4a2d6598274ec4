-- When the documents dispatched on the given days were signed and sent, and whether in time (told).
--
-- $1 days   $2 Vietnam time of the working day after the signing day that is still in time
--
-- Signed: the latest trusted time-stamp on a valid signature of the issuer (a registry's stamp signs
-- no content), else what the register says. Sent: as captured where that is known, else what the
-- register says. Base "observed" takes neither from the register. A document that was sent before
-- the day of its signature has contradictory times, and one whose signatures cannot be judged for
-- our own lack of data may yet have a time: both are undecided. One without both times is in nothing.
--
-- Below rate 1 (docs/statistics.md) a unit is a document whose sending is known; when those that
-- were not drawn were signed nobody knows.
issued AS MATERIALIZED (
    SELECT document_uid, day, agency_id, channel, document_class,
           CASE WHEN dispatch_known THEN first_at END AS met_at, sampled, relayed,
           overall = 'indeterminate' AND cause IS NOT DISTINCT FROM 'ours' AS open,
           sampled_rate AS rate,
           CASE WHEN sampled_rate < 1 THEN coalesce(drawn_with, document_uid) END AS cluster
    FROM document
    WHERE day = ANY ($1::date[]) AND counted AND (NOT relayed OR sampled_rate < 1)
      AND role = 'main' AND document_class <> 'archive'
      AND channel IN ('mail', 'docsys', 'axis')
), stamped AS (
    SELECT s.owner_uid AS document_uid, vietnam_day(max(s.signing_time)) AS signed_on
    FROM issued d JOIN signature s ON s.owner_uid = d.document_uid AND s.day = d.day
    WHERE s.day = ANY ($1::date[]) AND s.owner = 'document' AND s.counts
      AND s.indication = 'TOTAL-PASSED' AND s.signing_time_source = 'timestamp'
      AND s.signer_agency_id = d.agency_id AND s.signer_kind IS DISTINCT FROM 'stamp'
    GROUP BY 1
), declared AS (
    SELECT DISTINCT ON (f.document_uid) f.document_uid,
           coalesce(vietnam_day(e.signed_at), e.issued_on) AS signed_on, e.sent_at
    FROM issued d JOIN register_file f USING (document_uid) JOIN register_entry e USING (entry_id)
    WHERE f.how <> 'refused' AND e.direction = 'out' AND e.gone_run_id IS NULL
    ORDER BY f.document_uid, e.entry_id
), timed AS (
    SELECT d.document_uid, d.agency_id, d.channel, d.document_class, d.day, d.rate, d.cluster,
           d.sampled,
           d.sampled AND NOT d.relayed AND (b.signed_on IS NOT NULL OR d.open) AS judged,
           b.base, b.signed_on, b.sent_at
    FROM issued d LEFT JOIN stamped s USING (document_uid) LEFT JOIN declared r USING (document_uid),
    LATERAL (VALUES
        ('', coalesce(s.signed_on, r.signed_on), coalesce(d.met_at, r.sent_at)),
        ('observed', s.signed_on, d.met_at)
    ) AS b (base, signed_on, sent_at)
    WHERE b.sent_at IS NOT NULL AND (b.signed_on IS NOT NULL OR d.open OR d.rate < 1)
), due AS (
    SELECT signed_on, ((
        SELECT min(next) FROM generate_series(signed_on + 1, signed_on + 31, interval '1 day') AS next
        WHERE is_working_day(next::date)
    )::date + $2::time) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS until
    FROM (SELECT DISTINCT signed_on FROM timed WHERE signed_on IS NOT NULL) AS signing_day
), told AS (
    SELECT t.*, t.sent_at <= due.until AS good,
           signed_on IS NULL OR vietnam_day(t.sent_at) < signed_on AS undecided
    FROM timed t LEFT JOIN due USING (signed_on)
)
