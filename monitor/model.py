"""The values that cross the seams between rooms, and the closed vocabularies of the product.

Everything here is frozen. What a child process sends back is validated against these models, so
a field outside them never enters the daemon. Vocabulary: ETSI EN 319 102-1 for verdicts, RFC 5322
for mail. Times are aware datetimes, sizes are bytes, hashes are lower-case hexadecimal SHA-256.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=4096)]


class Value(BaseModel):
    """Base of every frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Language(StrEnum):
    """What reports for readers are written in; logs and metrics are English."""

    VI = "vi"
    EN = "en"


class Overall(StrEnum):
    """ETSI EN 319 102-1 status of a file or message, with two words for what has no signature."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Cause(StrEnum):
    """Who an `indeterminate` is due to: `ours` is checked again when data arrives."""

    OURS = "ours"
    SIGNER = "signer"


class Integrity(StrEnum):
    INTACT = "intact"
    MODIFIED = "modified"
    DESTROYED = "destroyed"
    NONE = "none"
    UNREADABLE = "unreadable"


class Trust(StrEnum):
    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WEAK = "weak"
    UNKNOWN = "unknown"


class Binding(StrEnum):
    """Of a signed mail: does the signer own the From, and is all that is shown covered?"""

    OK = "ok"
    FROM_MISMATCH = "from-mismatch"
    PARTIAL = "partial"


class Kind(StrEnum):
    PDF = "pdf"
    SMIME = "smime"
    MAIL = "mail"
    CMS = "cms"
    OOXML = "ooxml"
    ODF = "odf"
    XMLDSIG = "xmldsig"
    ASIC = "asic"
    EDXML = "edxml"
    ZIP = "zip"
    OTHER = "other"


class Indication(StrEnum):
    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """ETSI EN 319 102-1 table 6, as far as the product tells them apart."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    NO_POE = "NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    TRY_LATER = "TRY_LATER"


class SignerKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"
    STAMP = "stamp"
    """A registry's certificate: it signs that a document came in, is a copy or was sent, and no
    content. A certificate does not say so by itself; the registry of agencies does."""


class TrustClass(StrEnum):
    CONG_VU = "cong_vu"
    CONG_CONG = "cong_cong"
    INTERNAL = "internal"
    OTHER = "other"


class TimeSource(StrEnum):
    TIMESTAMP = "timestamp"
    RECEIPT = "receipt"
    CLAIMED = "claimed"


class Coverage(StrEnum):
    """How much of the file a signature speaks for."""

    WHOLE = "whole"
    REVISION = "revision"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class Finding(StrEnum):
    """The closed list of remarks beside a verdict; it grows, nothing in it is renamed."""

    # signatures and their certificates
    NOT_TIMESTAMPED = "not_timestamped"
    TIME_CLAIMED_ONLY = "time_claimed_only"
    TIMESTAMP_UNTRUSTED = "timestamp_untrusted"
    TIMESTAMP_INVALID = "timestamp_invalid"
    SIGNING_TIME_SKEW = "signing_time_skew"
    CERTIFIED_SIGNED_LATER = "certified_signed_later"
    CHANGED_AFTER_SIGNING = "changed_after_signing"
    SIGNED_THEN_EXTENDED = "signed_then_extended"
    SHA1 = "sha1"
    WEAK_ALGORITHM = "weak_algorithm"
    WEAK_KEY = "weak_key"
    ALGORITHM_UNSUPPORTED = "algorithm_unsupported"
    REMNANT_DESTROYED = "remnant_destroyed"
    PUBLIC_CA_AFTER_CUTOFF = "public_ca_after_cutoff"
    ANCHOR_OUT_OF_PERIOD = "anchor_out_of_period"
    LEAF_ONLY_CHAIN_COMPLETED = "leaf_only_chain_completed"
    CHAIN_INCOMPLETE = "chain_incomplete"
    ANCHOR_UNKNOWN = "anchor_unknown"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    CERTIFICATE_REVOKED = "certificate_revoked"
    KEY_USAGE = "key_usage"
    REVOCATION_UNCHECKED = "revocation_unchecked"
    REVOCATION_STALE = "revocation_stale"
    SEVERAL_SIGNERS = "several_signers"
    NO_SIGNED_ATTRIBUTES = "no_signed_attributes"
    EMPTY_SIGNATURE_FIELD = "empty_signature_field"
    SIGNATURE_MALFORMED = "signature_malformed"
    DIGEST_MISMATCH = "digest_mismatch"
    SIGNATURE_MISMATCH = "signature_mismatch"
    SIGNED_CONTENT_MISSING = "signed_content_missing"
    SIGNER_UNATTRIBUTED = "signer_unattributed"
    # files
    HYBRID_XREF = "hybrid_xref"
    ENCRYPTED = "encrypted"
    MALFORMED = "malformed"
    REPAIRED = "repaired"
    FORMAT_UNSUPPORTED = "format_unsupported"
    CANNOT_OPEN = "cannot_open"
    EMPTY_FILE = "empty_file"
    LIMIT_REACHED = "limit_reached"
    ARCHIVE_LIMIT = "archive_limit"
    ARCHIVE_ENCRYPTED = "archive_encrypted"
    VERIFIER_CRASHED = "verifier_crashed"
    VERIFIER_TIMEOUT = "verifier_timeout"
    VERIFIER_FAULT = "verifier_fault"
    # mail
    FROM_MISMATCH = "from_mismatch"
    FROM_AMBIGUOUS = "from_ambiguous"
    SIGNED_FOR_MAILBOX = "signed_for_mailbox"
    PARTIALLY_SIGNED = "partially_signed"
    MIME_MALFORMED = "mime_malformed"
    MIME_LIMIT = "mime_limit"
    HEADER_DUPLICATE = "header_duplicate"
    MESSAGE_ID_MISSING = "message_id_missing"
    CHARSET_GUESSED = "charset_guessed"
    SENDER_UNVERIFIED = "sender_unverified"
    SENDER_UNKNOWN = "sender_unknown"
    OVERSIZE = "oversize"
    # attribution
    RELAYED = "relayed"
    AGENCY_UNKNOWN = "agency_unknown"
    MANIFEST_MISMATCH = "manifest_mismatch"


class Channel(StrEnum):
    MAIL = "mail"
    DOCSYS = "docsys"
    AXIS = "axis"
    PORTAL = "portal"


class Direction(StrEnum):
    OUT = "out"
    IN = "in"
    INTERNAL = "internal"


class Role(StrEnum):
    """Whose account it is (DESIGN "Words")."""

    LEADER = "leader"
    STAFF = "staff"
    MAILBOX = "mailbox"
    """An agency's own or hotline mailbox."""


class AccountState(StrEnum):
    """May somebody use an official account?"""

    ENABLED = "enabled"
    LOCKED = "locked"
    CLOSED = "closed"


class ActivityKind(StrEnum):
    """What shows that an account is used; which kinds are human is a setting."""

    SENT = "sent"
    """A mail that a person sent, under a proven sender."""
    LOGIN = "login"
    """An interactive login: web mail, administration pages."""
    SUBMISSION = "submission"
    """A mail program that authenticated to send."""
    IMAP = "imap"
    POP = "pop"
    SYNC = "sync"
    """ActiveSync, CalDAV and the like: telephones that poll."""
    AUTOMATIC = "automatic"
    """Auto-replies, forwarding, filters."""


class DocumentClass(StrEnum):
    FORMAL = "formal"
    EDITABLE = "editable"


class Revocation(StrEnum):
    """What missing or stale revocation data means: `require` is indeterminate, `soft` a finding."""

    REQUIRE = "require"
    SOFT = "soft"


# -- what verify says ---------------------------------------------------------------------------


class Signature(Value):
    """One signature (or document time-stamp) and what became of it."""

    format: str
    level: str | None = None
    indication: Indication
    sub_indication: SubIndication | None = None
    cause: Cause | None = None
    integrity: Integrity
    trust: Trust
    signer_subject: Text | None = None
    signer_name: Text | None = None
    """Subject CN as the certificate has it: untrusted text, like every name here."""
    signer_unit: Text | None = None
    """Subject OU."""
    signer_organisation: Text | None = None
    signer_emails: tuple[Text, ...] = ()
    signer_uid: Text | None = None
    """Subject UID as in Vietnamese certificates: `MNS:…`, `MST:…`, `CMND:…`."""
    signer_kind: SignerKind | None = None
    signer_issuer: Text | None = None
    """CN (or O) of the issuer the certificate names; a forged one bears the same name."""
    trust_class: TrustClass | None = None
    certificate_sha256: Sha256 | None = None
    certificate_not_after: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None
    """With trust `revoked`: since when it, or one above it, is revoked (RFC 5280 5.3)."""
    signing_time: AwareDatetime | None = None
    signing_time_source: TimeSource | None = None
    coverage: Coverage = Coverage.UNKNOWN
    counts: bool = True
    """False for what is no signature of content by a signer: document time-stamps, usage rights."""
    provisional: bool = False
    """Passed, but no revocation data issued after the time of proof has been seen yet."""
    findings: tuple[Finding, ...] = ()


class Verdict(Value):
    """The answer of `congvu verify` for one file, message or part (docs/verdict.schema.json)."""

    path: str
    kind: Kind
    overall: Overall
    cause: Cause | None = None
    integrity: Integrity
    trust: Trust
    binding: Binding | None = None
    signatures: tuple[Signature, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: tuple["Verdict", ...] = ()


class KeptEvidence(Value):
    """All that is kept of one file or message to judge it again without its content."""

    facts: str
    """JSON of what does not depend on trust and time; it names the blobs by their SHA-256."""
    blobs: tuple[Base64Bytes, ...] = ()
    """CMS, certificates, time-stamp tokens and revocation data, each once: never content."""


class Judgement(Value):
    """A verdict together with what is kept to make it again."""

    verdict: Verdict
    kept: KeptEvidence | None = None


# -- what enters the spool ----------------------------------------------------------------------


class PayloadKind(StrEnum):
    MAIL = "mail"
    DOCUMENT = "document"


class MailEnvelope(Value):
    """What SMTP or LMTP said of a captured message (RFC 5321), beside its bytes."""

    mail_from: str
    """Reverse-path without brackets; empty for the null sender."""
    rcpt_to: tuple[str, ...]
    peer: str
    """Address of the client that spoke to us."""
    helo: str | None = None
    client_certificate: str | None = None
    """SHA-256 of the verified client certificate, if one was asked for."""
    sender_reported: str | None = None
    """Authenticated sender as the source reports it (XFORWARD, journal report), else None."""


class PaperFlag(StrEnum):
    ELECTRONIC = "electronic"
    PARALLEL = "parallel"
    PAPER = "paper"


class DocumentClaim(Value):
    """One row of a document folder's manifest: what the document system says of a file."""

    agency: str
    file_name: Text
    number: Text | None = None
    notation: Text | None = None
    issued_on: date | None = None
    sent_at: AwareDatetime | None = None
    paper: PaperFlag | None = None


class ItemHeader(Value):
    """Everything the spool keeps of an item beside its bytes."""

    item_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """Made once at intake (uuid7 hexadecimal); the database counts an item with one id once."""
    kind: PayloadKind
    source: str
    """Name of the configured source: one of a bounded list, fit for a metric label."""
    channel: Channel
    received_at: AwareDatetime
    live: bool = True
    """False for a replay or import: then the receipt proves no earlier existence than now."""
    size: int
    """Size in bytes of the item as offered; the spooled body is shorter when `oversize`."""
    oversize: bool = False
    envelope: MailEnvelope | None = None
    claim: DocumentClaim | None = None


# -- what a child says of an item ---------------------------------------------------------------


class Hop(Value):
    """One Received header (RFC 5321 4.4), newest first, as far as it could be read."""

    from_host: str | None = None
    from_address: str | None = None
    """IP address of the client as the receiving server saw it."""
    by_host: str | None = None
    protocol: str | None = None
    """The `with` clause, upper case: `ESMTPSA` says the client had authenticated (RFC 3848)."""
    at: AwareDatetime | None = None


class MailFacts(Value):
    """What the header and structure of a message say; addresses are lower-case, names are NFC."""

    message_key: Sha256
    message_id: Text | None = None
    date: AwareDatetime | None = None
    from_addresses: tuple[Text, ...] = ()
    sender_address: Text | None = None
    """The Sender header's address."""
    recipients: tuple[Text, ...] = ()
    """Addresses of To, Cc and Bcc."""
    subject: Text | None = None
    hops: tuple[Hop, ...] = ()
    automatic: bool = False
    """Auto-Submitted, null sender, list or system mail: counted apart, in no denominator."""
    findings: tuple[Finding, ...] = ()


class DocumentFacts(Value):
    """One file that is sent as content, with its own verdict."""

    content_hash: Sha256
    file_name: Text | None = None
    size: int
    document_class: DocumentClass
    judgement: Judgement


class Examined(Value):
    """Everything a child says of one item."""

    verdict: Verdict
    """Of the message, or of the file itself for a document item."""
    kept: KeptEvidence | None = None
    """Of a message; a document's is in its judgement."""
    mail: MailFacts | None = None
    documents: tuple[DocumentFacts, ...] = ()
    findings: tuple[Finding, ...] = ()


class Limits(Value):
    """Bounds of what a child unpacks from one item; past one the rest is left out and said so."""

    mime_depth: int = 20
    mime_parts: int = 1000
    header_bytes: int = 1024 * 1024
    archive_depth: int = 3
    archive_entries: int = 1000
    archive_bytes: int = 256 * 1024 * 1024
    archive_ratio: int = 200


# -- whose it is --------------------------------------------------------------------------------


class DocumentAttribution(Value):
    """Whose document it is, in the order of `Examined.documents`."""

    issuer: str | None
    """Code of the issuing agency."""
    signer_agencies: tuple[str | None, ...] = ()
    """Agency of each signature's signer, in the order of `Verdict.signatures`; None if unknown."""
    signer_kinds: tuple[SignerKind | None, ...] = ()
    """What each signer is once the registry has been asked, in the same order."""
    relayed: bool = False
    """Every valid signature belongs to other agencies: outside the ratios, counted apart."""
    paired: bool = False
    """A valid person's and a valid organisation's signature, both of the issuing agency, are there
    (Nghị định 30/2020 Điều 5)."""


class Attribution(Value):
    """Whose message or document an item is."""

    direction: Direction | None = None
    """None for a document item."""
    sender: str | None = None
    """Verified sender address of a message; None when unverified."""
    sender_agency: str | None = None
    recipient_agencies: tuple[str, ...] = ()
    """Agencies other than the sender's that received it."""
    documents: tuple[DocumentAttribution, ...] = ()
    findings: tuple[Finding, ...] = ()


class Outcome(Value):
    """What is recorded of one spooled item."""

    header: ItemHeader
    examined: Examined
    attribution: Attribution
    decided_at: datetime
    trust_material: str = ""
    """Fingerprint of the trust material that every child had when it was examined."""


# -- what a child needs to judge ----------------------------------------------------------------


class Anchor(Value):
    """A trust anchor, pinned by its certificate."""

    certificate: Base64Bytes
    """DER (RFC 5280)."""
    trust_class: TrustClass = TrustClass.OTHER
    trusted_from: date | None = None
    trusted_until: date | None = None
    """First and last Vietnam day of the time of proof for which it is trusted; None is no bound."""


class DigestRule(Value):
    """Until when a digest algorithm may be relied on."""

    name: str
    """As hashlib spells it."""
    until: date | None = None
    """The last Vietnam day; None while no end is in sight."""


class KeyRule(Value):
    """Until when keys of a family may be relied on, from a size up to the next rule's."""

    family: str
    """`rsa`, `dsa`, `ecdsa` or `eddsa`."""
    bits: int
    until: date | None = None


class CryptoPolicy(Value):
    """Which algorithms and key sizes prove something, and until when (docs/decisions, policy).

    What no rule names was never permitted.
    """

    digests: tuple[DigestRule, ...] = ()
    keys: tuple[KeyRule, ...] = ()


class MailboxRight(Value):
    """Who may sign as an agency's own mailbox though his certificate does not name it.

    Identities, never names: a UID or address counts in a certificate under an anchor only.
    """

    address: Text
    """The mailbox that From shows."""
    certificates: tuple[Sha256, ...] = ()
    uids: tuple[Text, ...] = ()
    """Subject UIDs."""
    emails: tuple[Text, ...] = ()
    """Addresses in the signer's certificate."""
    first_day: date | None = None
    """First Vietnam day it holds; None is since ever."""
    last_day: date | None = None


class IndexedList(Value):
    """A large CRL (RFC 5280 5) whose entries were indexed once, for children that only look up."""

    head: Base64Bytes
    """The CertificateList without its revokedCertificates, DER."""
    digest_algorithm: str
    """As hashlib spells it."""
    digest: Base64Bytes
    """Of the whole TBSCertList, by the algorithm of its signature."""
    entries: Base64Bytes
    """Records of 13 octets, sorted: digest of the serial number, date, reason."""


class TrustMaterial(Value):
    """Everything verification may rely on; loaded by the parent, sent to each child once."""

    anchors: tuple[Anchor, ...] = ()
    intermediates: tuple[Base64Bytes, ...] = ()
    crls: tuple[Base64Bytes, ...] = ()
    indexed: tuple[IndexedList, ...] = ()
    """Large lists, which are not among `crls`."""
    ocsps: tuple[Base64Bytes, ...] = ()
    """OCSP responses (RFC 6960) that came as files."""
    policy: CryptoPolicy | None = None
    """None is the one that is shipped."""
    revocation: Revocation = Revocation.REQUIRE
    public_ca_cutoff: date | None = None
    """Signatures by a public CA after this day are flagged (Nghị định 68/2024)."""
    mailboxes: tuple[MailboxRight, ...] = ()


class Moment(Value):
    """The times a judgement is made by (DESIGN "Time of proof")."""

    now: AwareDatetime
    at: AwareDatetime | None = None
    """Fixed validation time; None is `best`: time-stamp, else receipt, else claimed, else now."""
    receipt: AwareDatetime | None = None
    """Earliest trustworthy receipt of the content; None when there is none (a file on disk)."""
