"""What verifying a signature established, before trust and time are judged.

Facts do not depend on the time of proof or on the trust store, so they can be kept for a file
that arrives again.
"""

from dataclasses import dataclass, field
from datetime import datetime

from monitor.model import Coverage, Finding, Integrity, SubIndication
from monitor.verify.algorithms import Use
from monitor.verify.certificate import Certificate
from monitor.verify.revocation import Evidence
from monitor.verify.trust import Purpose


@dataclass(frozen=True)
class Token:
    """A time-stamp (RFC 3161) whose imprint and signature fit; its authority is judged later."""

    time: datetime
    authority: Certificate | None
    extras: tuple[Certificate, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    uses: frozenset[Use] = frozenset()


@dataclass(frozen=True)
class SignerFacts:
    """One signer's signature as mathematics and structure left it."""

    integrity: Integrity
    failure: SubIndication | None = None
    """Why it is not intact, or why it could not be said."""
    certificate: Certificate | None = None
    attributable: bool = True
    """False where the signed certificate reference contradicts the certificate that fits."""
    unsupported: bool = False
    extras: tuple[Certificate, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    uses: frozenset[Use] = frozenset()
    claimed: datetime | None = None
    tokens: tuple[Token, ...] = ()
    findings: frozenset[Finding] = frozenset()
    format: str = "CMS"
    level: str | None = None
    coverage: Coverage = Coverage.UNKNOWN
    counts: bool = True
    purpose: Purpose = Purpose.SIGN
    digest_algorithm: str = ""
    content_digest: str = ""
    """Hexadecimal, as computed over what the signature covers."""
    raw: bytes = b""
    """The CMS it came in."""
