"""The keys of the catalogue that are the explanations' own: reasons, phrases, labels, weights."""

from collections.abc import Mapping
from enum import StrEnum

from monitor.model import Finding


class Lead(StrEnum):
    """First words of a sentence: the verdict as a reader needs it."""

    VALID = "valid"
    INVALID = "invalid"
    OURS = "ours"
    """Indeterminate for want of data or means here: could not be checked."""
    SIGNER = "signer"
    """Indeterminate by the signer's doing: could not be confirmed."""
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Reason(StrEnum):
    """What decided a verdict; each has a sentence and says what to do."""

    VALID = "valid"
    VALID_SEVERAL = "valid_several"
    VALID_PARTS = "valid_parts"
    VALID_UNNAMED = "valid_unnamed"
    UNSIGNED = "unsigned"
    UNSIGNED_MAIL = "unsigned_mail"
    UNSIGNED_FIELD = "unsigned_field"
    UNSIGNED_TIMESTAMP = "unsigned_timestamp"
    # unreadable
    ENCRYPTED = "encrypted"
    ARCHIVE_ENCRYPTED = "archive_encrypted"
    CANNOT_OPEN = "cannot_open"
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    OVERSIZE = "oversize"
    VERIFIER_CRASHED = "verifier_crashed"
    VERIFIER_TIMEOUT = "verifier_timeout"
    VERIFIER_FAULT = "verifier_fault"
    MALFORMED = "malformed"
    # invalid
    DESTROYED = "destroyed"
    CHANGED_AFTER_SIGNING = "changed_after_signing"
    DIGEST_MISMATCH = "digest_mismatch"
    SIGNATURE_MISMATCH = "signature_mismatch"
    SIGNATURE_MALFORMED = "signature_malformed"
    MODIFIED = "modified"
    FROM_MISMATCH = "from_mismatch"
    FROM_AMBIGUOUS = "from_ambiguous"
    PARTIAL_MAIL = "partial_mail"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    PART_INVALID = "part_invalid"
    INVALID = "invalid"
    # indeterminate, ours
    NOT_SAMPLED = "not_sampled"
    REVOCATION_MISSING = "revocation_missing"
    REVOCATION_STALE = "revocation_stale"
    CHAIN_INCOMPLETE = "chain_incomplete"
    NO_ANCHORS = "no_anchors"
    CERTIFICATE_MISSING = "certificate_missing"
    ALGORITHM_UNSUPPORTED = "algorithm_unsupported"
    FORMAT_UNSUPPORTED = "format_unsupported"
    CONTENT_MISSING = "content_missing"
    LIMIT = "limit"
    PART_UNDECIDED = "part_undecided"
    UNDECIDED_OURS = "undecided_ours"
    # indeterminate, the signer's
    REVOKED_UNPROVEN = "revoked_unproven"
    REVOKED_ISSUER = "revoked_issuer"
    EXPIRED_UNPROVEN = "expired_unproven"
    NOT_YET_UNPROVEN = "not_yet_unproven"
    WEAK_SHA1 = "weak_sha1"
    WEAK_ALGORITHM = "weak_algorithm"
    WEAK_KEY = "weak_key"
    UNTRUSTED = "untrusted"
    KEY_USAGE = "key_usage"
    UNATTRIBUTED = "unattributed"
    PARTIALLY_SIGNED = "partially_signed"
    TIMESTAMP_ORDER = "timestamp_order"
    UNDECIDED_SIGNER = "undecided_signer"


class Remark(StrEnum):
    """What a reader must know beside the reason, the weightiest first."""

    REVOCATION_UNCHECKED = "revocation_unchecked"
    REVOCATION_STALE = "revocation_stale"
    PROVISIONAL = "provisional"
    SENDER_UNVERIFIED = "sender_unverified"
    RELAYED = "relayed"
    PUBLIC_CA_AFTER_CUTOFF = "public_ca_after_cutoff"
    TIMESTAMP_INVALID = "timestamp_invalid"
    TIMESTAMP_UNTRUSTED = "timestamp_untrusted"
    SIGNING_TIME_SKEW = "signing_time_skew"
    NOT_TIMESTAMPED = "not_timestamped"


class Level(StrEnum):
    """Levels of ETSI EN 319 142, 319 122 and 319 132."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


class Phrase(StrEnum):
    """Pieces that sentences are put together from."""

    QUOTED = "quoted"
    ORGANISATION = "organisation"
    UNKNOWN_SIGNER = "unknown_signer"
    ORDINAL = "ordinal"
    OF = "of"
    ONE_OF = "one_of"
    SEVERAL_OF = "several_of"
    OTHERS = "others"
    EACH_ONCE = "each_once"
    AND = "and"
    SIGNED_AT = "signed_at"
    SIGNED_BETWEEN = "signed_between"
    TIME_NOTED = "time_noted"
    EXPIRED_ON = "expired_on"
    REVOKED_ON = "revoked_on"
    ISSUED_BY = "issued_by"
    ISSUER_OF = "issuer_of"
    INTACT = "intact"
    AGAIN = "again"
    REMARK = "remark"
    ALSO_FROM = "also_from"
    ATTACHED = "attached"
    COUNT_WORD = "count_word"
    IN_SIGNATURES = "in_signatures"


class Label(StrEnum):
    """Headings and field names of a report."""

    TITLE = "title"
    FILE = "file"
    PART = "part"
    KIND = "kind"
    RESULT = "result"
    OUTCOME = "outcome"
    PASSED = "passed"
    BINDING = "binding"
    SIGNATURES = "signatures"
    ORGANISATIONS = "organisations"
    PERSONS = "persons"
    STAMPS = "stamps"
    UNCLEAR = "unclear"
    DOCUMENT_TIMESTAMP = "document_timestamp"
    UNIT = "unit"
    BODY = "body"
    ADDRESS = "address"
    HOLDER = "holder"
    HOLDER_UNCLEAR = "holder_unclear"
    CERTIFICATE = "certificate"
    ISSUER = "issuer"
    EXPIRES = "expires"
    REVOKED = "revoked"
    PROVISIONAL = "provisional"
    TIME = "time"
    FORM = "form"
    COVERS = "covers"
    CONTENT = "content"
    FINDINGS = "findings"
    ACTIONS = "actions"
    CLERK = "clerk"
    OPERATOR = "operator"
    NOTHING = "nothing"
    PARTS = "parts"


class RecordLabel(StrEnum):
    """Headings and field names of what is recorded of a document."""

    TITLE = "title"
    HASH = "hash"
    NUMBER = "number"
    ISSUED = "issued"
    AGENCY = "agency"
    UNKNOWN_AGENCY = "unknown_agency"
    CHANNEL = "channel"
    FIRST_SENT = "first_sent"
    COUNTS = "counts"
    PAIR = "pair"
    PAIRED = "paired"
    UNPAIRED = "unpaired"
    ORGANISATION_SIGNED = "organisation_signed"
    ORGANISATION_MISSING = "organisation_missing"
    RULE = "rule"
    ORIGIN = "origin"
    FIRST_MET = "first_met"
    REGISTER = "register"
    ENTRY = "entry"
    GONE = "gone"
    SIZE = "size"
    BYTES = "bytes"
    NO_NAME = "no_name"
    RELAYED = "relayed"
    UNCOUNTED = "uncounted"
    UNOPENED = "unopened"
    SIGNED = "signed"
    UNSIGNED = "unsigned"
    NOT_DRAWN = "not_drawn"
    SEEN_LATER = "seen_later"
    STANDING = "standing"
    DUE = "due"
    CHANGES = "changes"
    CHANGE = "change"
    SENDINGS = "sendings"
    SENDING = "sending"
    OUTSIDE = "outside"
    REVEALED = "revealed"
    SENDER = "sender"
    SUBJECT = "subject"
    SIGNER = "signer"


class Rule(StrEnum):
    """By which rule of Nghị định 30/2020 a document is complete; the words of the record."""

    MAIN = "main"
    APPENDIX = "appendix"
    COPY = "copy"


class RoleBy(StrEnum):
    """Who says what a document is; the words of the record."""

    SOURCE = "source"
    CONTAINER = "container"
    REGISTER = "register"
    NOTATION = "notation"
    FILE_NAME = "file_name"


class Met(StrEnum):
    """What an entry of a register and a file met by; the words of the record."""

    HASH = "hash"
    NUMBER = "number"
    FILE_NAME = "file_name"
    BY_HAND = "by_hand"
    REFUSED = "refused"


class Stands(StrEnum):
    """How a recorded verdict stands; the words of the record."""

    OPEN = "open"
    SETTLED = "settled"
    FINAL = "final"
    STUCK = "stuck"


class Change(StrEnum):
    """Why a recorded verdict changed; the words of the record."""

    REVOCATION_DATA = "revocation_data"
    CERTIFICATE_REVOKED = "certificate_revoked"
    TRUST_CHANGED = "trust_changed"
    EARLIER_RECEIPT = "earlier_receipt"
    COPY = "copy"
    TIME_PASSED = "time_passed"


class Weight(StrEnum):
    """How much a finding matters to a reader, the weightiest first."""

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"


_PROBLEMS = (
    Finding.CHANGED_AFTER_SIGNING, Finding.REMNANT_DESTROYED, Finding.CERTIFICATE_REVOKED,
    Finding.CERTIFICATE_EXPIRED, Finding.CERTIFICATE_NOT_YET_VALID, Finding.DIGEST_MISMATCH,
    Finding.SIGNATURE_MISMATCH, Finding.SIGNATURE_MALFORMED, Finding.TIMESTAMP_INVALID,
    Finding.FROM_MISMATCH, Finding.FROM_AMBIGUOUS, Finding.PARTIALLY_SIGNED,
    Finding.WEAK_ALGORITHM, Finding.WEAK_KEY, Finding.KEY_USAGE, Finding.MALFORMED,
    Finding.CANNOT_OPEN, Finding.EMPTY_FILE, Finding.MANIFEST_MISMATCH,
)  # fmt: skip
_NOTES = (
    Finding.CERTIFIED_SIGNED_LATER, Finding.SIGNED_THEN_EXTENDED, Finding.SEVERAL_SIGNERS,
    Finding.LEAF_ONLY_CHAIN_COMPLETED, Finding.NO_SIGNED_ATTRIBUTES, Finding.HYBRID_XREF,
    Finding.REPAIRED, Finding.RELAYED, Finding.SIGNED_FOR_MAILBOX, Finding.MESSAGE_ID_MISSING,
    Finding.CHARSET_GUESSED,
)  # fmt: skip

WEIGHTS: Mapping[Finding, Weight] = (
    dict.fromkeys(Finding, Weight.WARNING)
    | dict.fromkeys(_PROBLEMS, Weight.PROBLEM)
    | dict.fromkeys(_NOTES, Weight.NOTE)
)
"""A finding that nobody placed is a warning; what could not be checked is never a problem."""

COVERED: Mapping[Reason, tuple[Finding, ...]] = {
    Reason.UNSIGNED_FIELD: (Finding.EMPTY_SIGNATURE_FIELD,),
    Reason.TOO_LARGE: (Finding.LIMIT_REACHED, Finding.ARCHIVE_LIMIT, Finding.MIME_LIMIT),
    Reason.LIMIT: (Finding.LIMIT_REACHED, Finding.ARCHIVE_LIMIT, Finding.MIME_LIMIT),
    Reason.MALFORMED: (Finding.MALFORMED, Finding.MIME_MALFORMED),
    Reason.DESTROYED: (Finding.REMNANT_DESTROYED,),
    Reason.CHANGED_AFTER_SIGNING: (Finding.CHANGED_AFTER_SIGNING, Finding.DIGEST_MISMATCH),
    Reason.DIGEST_MISMATCH: (Finding.DIGEST_MISMATCH, Finding.CHANGED_AFTER_SIGNING),
    Reason.MODIFIED: (Finding.DIGEST_MISMATCH, Finding.CHANGED_AFTER_SIGNING),
    Reason.PARTIAL_MAIL: (Finding.PARTIALLY_SIGNED,),
    Reason.REVOKED: (Finding.CERTIFICATE_REVOKED,),
    Reason.EXPIRED: (Finding.CERTIFICATE_EXPIRED,),
    Reason.NOT_YET_VALID: (Finding.CERTIFICATE_NOT_YET_VALID,),
    Reason.REVOCATION_MISSING: (Finding.REVOCATION_UNCHECKED,),
    Reason.NO_ANCHORS: (Finding.ANCHOR_UNKNOWN, Finding.TIMESTAMP_UNTRUSTED),
    Reason.CONTENT_MISSING: (Finding.SIGNED_CONTENT_MISSING,),
    Reason.REVOKED_UNPROVEN: (Finding.CERTIFICATE_REVOKED,),
    Reason.REVOKED_ISSUER: (Finding.CERTIFICATE_REVOKED,),
    Reason.EXPIRED_UNPROVEN: (Finding.CERTIFICATE_EXPIRED,),
    Reason.NOT_YET_UNPROVEN: (Finding.CERTIFICATE_NOT_YET_VALID,),
    Reason.WEAK_SHA1: (Finding.SHA1,),
    Reason.UNTRUSTED: (Finding.ANCHOR_UNKNOWN,),
    Reason.UNATTRIBUTED: (Finding.SIGNER_UNATTRIBUTED,),
}
"""Findings whose advice a reason's own advice contains; one of the reason's name always is."""
