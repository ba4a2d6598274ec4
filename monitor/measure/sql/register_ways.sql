-- How the documents of the registers were sent, on the given days ($1) of issue (sent).
--
-- A document of a register is a number of its own: an appendix belongs to its document, and a number
-- that was cancelled has none. A file of it that was captured on its way (published on a portal it is
-- not sent; where its own manifest says "paper" it only lies in the document system; another agency's
-- document that was passed on proves only of a copy that it was sent) contradicts a register that
-- says otherwise. Whether paper went beside it, only the register or the message itself can say: else
-- that stays undecided.
entry AS MATERIALIZED (
    SELECT entry_id, agency_id, day, paper, role FROM register_entry
    WHERE day = ANY ($1::date[]) AND direction = 'out' AND NOT secret AND gone_run_id IS NULL
      AND role <> 'appendix' AND status IS DISTINCT FROM 'cancelled'
), found AS MATERIALIZED (
    SELECT e.entry_id, e.role AS entry_role, k.document_uid, k.day
    FROM entry e JOIN register_file f USING (entry_id) JOIN document_key k USING (document_uid)
    WHERE f.how <> 'refused' AND k.counted
), captured AS (
    -- OFFSET 0: each is looked up in the one partition of its day.
    SELECT f.entry_id, bool_or(d.paper = 'parallel') AS with_paper,
           bool_or(d.paper = 'electronic') AS alone
    FROM found f CROSS JOIN LATERAL (
        SELECT role, channel, paper, relayed FROM document d
        WHERE d.document_uid = f.document_uid AND d.day = f.day
        OFFSET 0
    ) AS d
    WHERE d.role <> 'appendix' AND d.channel <> 'portal' AND d.paper IS DISTINCT FROM 'paper'
      AND (NOT d.relayed OR f.entry_role = 'copy')
    GROUP BY 1
), sent AS (
    SELECT e.entry_id, e.agency_id, e.day, c.entry_id IS NOT NULL AS captured,
        CASE WHEN c.entry_id IS NULL THEN e.paper
             WHEN e.paper IN ('paper', 'parallel') OR c.with_paper THEN 'parallel'
             WHEN e.paper = 'electronic' OR c.alone THEN 'electronic' END AS way
    FROM entry e LEFT JOIN captured c USING (entry_id)
)
