-- How checks stand after posture_decision, and the changes of what is decided.
--
-- What passed, did not apply for a while and fails now has fallen: a domain that is gone for an hour
-- and comes back without a record.
WITH changed AS (
    INSERT INTO posture_change
        (domain, check_name, at, agencies, before, after, reason, facts, evidence)
    SELECT domain, check_name, checked_at, agencies, before, decided, reason, facts, evidence
    FROM posture_decision WHERE decided <> before
    ON CONFLICT DO NOTHING
    RETURNING domain, check_name, before, after, reason
), written AS (
    INSERT INTO posture_check AS c
        (domain, check_name, agencies, status, reason, facts, evidence, checked_at, decided,
         decided_since, decided_at, decided_reason, decided_facts, decided_evidence, suspected_at)
    SELECT domain, check_name, agencies, status, reason, facts, evidence, checked_at, decided,
        d.at, d.at, CASE WHEN d.known THEN reason END, CASE WHEN d.known THEN facts END,
        CASE WHEN d.known THEN evidence END, suspected_at
    FROM posture_decision, LATERAL (SELECT
        decided IS NOT NULL, CASE WHEN decided IS NOT NULL THEN checked_at END) AS d (known, at)
    ON CONFLICT (domain, check_name) DO UPDATE SET
        agencies = excluded.agencies, status = excluded.status, reason = excluded.reason,
        facts = excluded.facts, evidence = excluded.evidence, checked_at = excluded.checked_at,
        suspected_at = excluded.suspected_at,
        decided = coalesce(excluded.decided, c.decided),
        decided_at = coalesce(excluded.decided_at, c.decided_at),
        decided_since = CASE WHEN excluded.decided = c.decided THEN c.decided_since
                             ELSE coalesce(excluded.decided_since, c.decided_since) END,
        decided_before = CASE WHEN excluded.decided = 'fail' AND c.decided = 'not_applicable'
                                   AND c.decided_before = 'pass' THEN 'pass'
                              WHEN excluded.decided <> c.decided THEN c.decided
                              ELSE c.decided_before END,
        decided_reason = coalesce(excluded.decided_reason, c.decided_reason),
        decided_facts = coalesce(excluded.decided_facts, c.decided_facts),
        decided_evidence = coalesce(excluded.decided_evidence, c.decided_evidence)
)
SELECT domain, check_name, before, after, reason FROM changed ORDER BY domain, check_name
