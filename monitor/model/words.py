"""The closed vocabularies of the product: they grow, nothing in them is renamed."""

from enum import StrEnum


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
    NOT_SAMPLED = "not_sampled"
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
    JOURNAL_REPORT_MISSING = "journal_report_missing"
    JOURNAL_REPORT_MALFORMED = "journal_report_malformed"
    SENDER_SPOOFED = "sender_spoofed"
    """It came from outside, claims an agency's domain, and nothing that it bears proves so."""
    ORIGIN_UNCHECKED = "origin_unchecked"
    """It claims an agency's domain, and the key that would prove it could not be fetched."""
    FORWARDED_PRIVATELY = "forwarded_privately"
    """An agency's mailbox sends what it gets on to a free-mail address by itself."""
    # edXML
    NOT_EDXML = "not_edxml"
    DATE_IMPLAUSIBLE = "date_implausible"
    ATTACHMENT_MISSING = "attachment_missing"
    AXIS_VERSIONS_DIFFER = "axis_versions_differ"
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
    ARCHIVE = "archive"
    """An archive that could not be opened: listed as unreadable with the reason, in no ratio."""


class DocumentRole(StrEnum):
    """Which rule of Nghị định 30/2020 a document is complete by."""

    MAIN = "main"
    """Both signatures: the competent person's and the organisation's (Điều 5)."""
    APPENDIX = "appendix"
    """A file of its own beside its document: the organisation's signature alone."""
    COPY = "copy"
    """Bản sao y, sao lục, trích sao: the signature of the organisation that made the copy."""


class Journal(StrEnum):
    """How a source wraps the mail that it copies."""

    COPY = "copy"
    """The message as it was; the envelope sender is the original one (Postfix, Zimbra)."""
    EXCHANGE = "exchange"
    """Exchange journaling: a report, and the original attached as message/rfc822."""


class AxisKind(StrEnum):
    """What an edXML message is (QCVN 102:2016)."""

    DOCUMENT = "document"
    STATUS = "status"


class Business(StrEnum):
    """BussinessDocType of an edXML document, 0 to 3."""

    NEW = "new"
    REVOKE = "revoke"
    UPDATE = "update"
    REPLACE = "replace"


class AxisStatus(StrEnum):
    """What a receiver says of a document (StatusCode of edXML, Quyết định 28/2018)."""

    ARRIVED = "arrived"
    REJECTED = "rejected"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    PROCESSING = "processing"
    DONE = "done"
    RECALLED = "recalled"
    RECALL_AGREED = "recall_agreed"
    RECALL_REFUSED = "recall_refused"
    OTHER = "other"
    """A code that no source explains."""


class Revocation(StrEnum):
    """What missing or stale revocation data means: `require` is indeterminate, `soft` a finding."""

    REQUIRE = "require"
    SOFT = "soft"


class Origin(StrEnum):
    """Where a captured message comes from, as far as it can be proven."""

    INTERNAL = "internal"
    """Submitted inside: the gateway's own hops say so."""
    ALIGNED = "aligned"
    """From outside; a passing DKIM signature or SPF is aligned with its From (RFC 7489 3.1)."""
    UNALIGNED = "unaligned"
    """From outside; nothing proves the domain of its From."""
    UNKNOWN = "unknown"
    """What would prove it could not be asked for now. Never counted as unaligned."""


class DkimResult(StrEnum):
    """Of one DKIM signature (RFC 8601 2.7.1)."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    POLICY = "policy"
    """It holds, but not by our rules: part of the body alone, a key too short, a test key."""
    NEUTRAL = "neutral"
    """It could not be read as a signature."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class SpfResult(StrEnum):
    """RFC 7208 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class FreemailWay(StrEnum):
    """How official correspondence goes by free mail."""

    TO = "to"
    """An agency's account sent documents to a free-mail address."""
    FROM = "from"
    """A free-mail address sent documents to an agency's account."""
    FORWARDED = "forwarded"
    """An agency's mailbox sent what it got on to a free-mail address by itself."""
    ACCOUNT = "account"
    """The agency wrote from a free-mail address that the registry names as its own."""


class Check(StrEnum):
    """What is checked of a mail domain (docs/posture.md)."""

    MX_GATEWAY = "mx_gateway"
    MX_RESOLVES = "mx_resolves"
    SPF_VALID = "spf_valid"
    SPF_CLOSED = "spf_closed"
    SPF_GATEWAY = "spf_gateway"
    DKIM_KEY = "dkim_key"
    DMARC_VALID = "dmarc_valid"
    DMARC_POLICY = "dmarc_policy"
    DMARC_REPORTS = "dmarc_reports"
    MTA_STS = "mta_sts"
    TLS_RPT = "tls_rpt"
    DNSSEC = "dnssec"
    NAMES_RESOLVE = "names_resolve"
    """No alias of the domain points to nowhere."""


class CheckStatus(StrEnum):
    """What a check came to; what could not be asked is `unknown`, never `fail`."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
