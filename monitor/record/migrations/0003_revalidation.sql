-- Verdicts that are judged again, from kept evidence and without any body
-- (docs/decisions/0011-revalidation.md).

-- What was kept before names neither coverage nor integrity, without which a signature cannot be
-- judged again; a copy of the file that comes again brings evidence of the new kind.
DROP TABLE signature_evidence;

CREATE TABLE evidence_blob (
    sha256  bytea PRIMARY KEY,
    content bytea NOT NULL
);
COMMENT ON TABLE evidence_blob IS
    'CMS, certificates, time-stamps and revocation data, each once however many documents need it.';

CREATE TABLE kept_evidence (
    evidence_id uuid PRIMARY KEY,
    facts       text NOT NULL,
    blobs       bytea[] NOT NULL
);
COMMENT ON TABLE kept_evidence IS
    'What a file or message is judged by again: facts that depend neither on trust nor on time '
    '(JSON), and the SHA-256 of the blobs that they name. Never content.';

CREATE TABLE trust_epoch (
    epoch       integer PRIMARY KEY,
    fingerprint text NOT NULL,
    basis       text NOT NULL,
    basis_epoch integer NOT NULL,
    since       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX trust_epoch_fingerprint ON trust_epoch (fingerprint, epoch);
COMMENT ON TABLE trust_epoch IS
    'Every change of what verdicts are judged by. Epoch 0, without a row, is not known.';
COMMENT ON COLUMN trust_epoch.basis IS 'Fingerprint of all but revocation data.';
COMMENT ON COLUMN trust_epoch.basis_epoch IS 'The epoch that this basis came with.';

CREATE TABLE judgement (
    evidence_id   uuid PRIMARY KEY,
    owner         text NOT NULL,
    content_hash  bytea NOT NULL,
    receipt_at    timestamptz NOT NULL,
    by_receipt    boolean NOT NULL,
    overall       text NOT NULL,
    cause         text,
    trust         text NOT NULL,
    provisional   boolean NOT NULL,
    digest        bytea NOT NULL,
    state         text NOT NULL,
    epoch         integer NOT NULL,
    judged_at     timestamptz NOT NULL,
    due_at        timestamptz,
    due_for       text,
    failures      smallint NOT NULL DEFAULT 0,
    failure       text,
    claimed_until timestamptz
) WITH (fillfactor = 80);
CREATE INDEX judgement_state ON judgement (state, epoch, judged_at);
CREATE INDEX judgement_due ON judgement (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX judgement_content ON judgement (content_hash);
COMMENT ON TABLE judgement IS
    'How each kept evidence stands: by what and when it was judged, and whether it is done with.';
COMMENT ON COLUMN judgement.owner IS '"document" or "message"; content_hash is its message key then.';
COMMENT ON COLUMN judgement.receipt_at IS 'Earliest receipt of this evidence over all sources.';
COMMENT ON COLUMN judgement.by_receipt IS 'A signature is judged at the receipt, not at a time-stamp.';
COMMENT ON COLUMN judgement.digest IS 'SHA-256 of the whole verdict: the same again changes no row.';
COMMENT ON COLUMN judgement.state IS
    '"open": provisional, or undecided by our own lack of data; "settled"; "final": no trust can '
    'change it; "stuck": judging it again failed too often.';
COMMENT ON COLUMN judgement.claimed_until IS 'A daemon works on it; another may from then on.';

CREATE TABLE signer_certificate (
    certificate_sha256 bytea PRIMARY KEY,
    evidence_id uuid NOT NULL,
    proof_at    timestamptz NOT NULL,
    epoch       integer NOT NULL
);
CREATE INDEX signer_certificate_epoch ON signer_certificate (epoch);
CREATE INDEX signer_certificate_evidence ON signer_certificate (evidence_id);
COMMENT ON TABLE signer_certificate IS
    'The latest passed signature of each certificate: as long as it passes, no revocation reaches '
    'back to any earlier one, and none of those has to be looked at.';

CREATE TABLE reopened_certificate (
    certificate_sha256 bytea NOT NULL
);
COMMENT ON TABLE reopened_certificate IS
    'Certificates whose latest signature passes no more: all their signatures are to be judged again.';

CREATE TABLE recount_message (
    message_uid uuid NOT NULL
);
COMMENT ON TABLE recount_message IS
    'Messages whose documents changed: their formal_… counts are to be made anew. Rows are only '
    'ever added and taken, so writers never wait for each other.';

CREATE TABLE verdict_change (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner       text NOT NULL,
    uid         uuid NOT NULL,
    at          timestamptz NOT NULL,
    reason      text NOT NULL,
    epoch       integer NOT NULL,
    old_overall text NOT NULL,
    old_cause   text,
    old_trust   text NOT NULL,
    new_overall text NOT NULL,
    new_cause   text,
    new_trust   text NOT NULL
);
CREATE INDEX verdict_change_uid ON verdict_change (uid, at);
COMMENT ON TABLE verdict_change IS
    'Every change of a recorded verdict, and why. Rows are only ever added.';
CREATE TRIGGER verdict_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON verdict_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE document
    ADD COLUMN provisional boolean NOT NULL DEFAULT false,
    ADD COLUMN paired      boolean NOT NULL DEFAULT false,
    ADD COLUMN evidence_id uuid;
COMMENT ON COLUMN document.provisional IS
    'Valid, but no revocation data issued after the time of proof has been seen yet.';
COMMENT ON COLUMN document.paired IS
    'A valid person''s and a valid organisation''s signature of the issuing agency are there.';
COMMENT ON COLUMN document.evidence_id IS 'Null: nothing is kept, so the verdict stays as it is.';

ALTER TABLE message
    ADD COLUMN provisional boolean NOT NULL DEFAULT false,
    ADD COLUMN evidence_id uuid;

ALTER TABLE signature ADD COLUMN provisional boolean NOT NULL DEFAULT false;
ALTER TABLE signature ADD COLUMN revoked_at timestamptz;
CREATE INDEX signature_certificate ON signature (certificate_sha256);

UPDATE document d SET paired = true
FROM (
    SELECT owner_uid, day, signer_agency_id FROM signature
    WHERE owner = 'document' AND counts AND indication = 'TOTAL-PASSED' AND signer_agency_id <> 0
    GROUP BY 1, 2, 3
    HAVING count(DISTINCT signer_kind) FILTER (WHERE signer_kind IN ('person', 'organisation')) = 2
) AS pair
WHERE d.document_uid = pair.owner_uid AND d.day = pair.day
  AND d.agency_id = pair.signer_agency_id;

INSERT INTO changed_day SELECT DISTINCT day FROM document;
