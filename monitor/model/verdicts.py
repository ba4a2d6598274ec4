"""What verification says (ETSI EN 319 102-1)."""

from pydantic import AwareDatetime, Base64Bytes

from monitor.model.values import Sha256, Text, Value
from monitor.model.words import (
    Binding,
    Cause,
    Coverage,
    Finding,
    Indication,
    Integrity,
    Kind,
    Overall,
    SignerKind,
    SubIndication,
    TimeSource,
    Trust,
    TrustClass,
)


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
