"""What verifying established of a file and its signatures, before trust and time are judged.

Facts depend on the bytes alone: not on the time of proof, not on the trust store. So they can be
kept for a file that arrives again, and outlive its content (`evidence.py`); `file_verdict.py`
makes a verdict of them.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model import Coverage, Finding, Integrity, Kind, SubIndication
from monitor.verify.algorithms import Algorithm, Use
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
class Sought:
    """A signer whose certificate the file does not hold: how to know it, and what its key made.

    The trust store may have the certificate, now or later.
    """

    algorithm: Algorithm
    signatures: tuple[bytes, ...]
    """The signature value; where it can be read in two ways, both."""
    octets: tuple[bytes, ...] = ()
    """Encodings of the signed attributes, or the canonical SignedInfo; empty where the content
    itself was signed, of which only the digest in `SignerFacts` is kept."""
    issuer: bytes | None = None
    """Distinguished name, DER; with `serial` it names the certificate."""
    serial: bytes | None = None
    """INTEGER as encoded."""
    key_id: bytes | None = None
    references: tuple[tuple[str, bytes], ...] = ()
    """Digests of the certificate that were signed with it, each by name and value."""
    numbers: frozenset[int] = frozenset()
    """Serial numbers, where only they are named (XML)."""


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
    """The CMS or the XML signature element it came in."""
    end: int = 0
    """Where the signed bytes of a PDF end: what ends later was added later. 0 elsewhere."""
    sought: Sought | None = None
    """Set while the certificate is not known."""


def later_tokens(signer: SignerFacts, all_signers: Sequence[SignerFacts]) -> list[Token]:
    """Document time-stamps over the bytes that a signature in a PDF covers, and the signature.

    In the order they were added.
    """
    if not signer.counts:
        return []
    stamps = [
        other
        for other in all_signers
        if not other.counts and other.integrity is Integrity.INTACT and other.end > signer.end
    ]
    return [token for other in sorted(stamps, key=lambda s: s.end) for token in other.tokens]


class Answer(StrEnum):
    """What there is to say of a file itself."""

    SIGNATURES = "signatures"
    """What its signatures say; without one that counts it is unsigned."""
    UNREADABLE = "unreadable"
    UNDECIDED = "undecided"
    """A signature may be there that we cannot judge."""
    DESTROYED = "destroyed"
    """Remnants of a signature that cover nothing any more."""


class Shape(StrEnum):
    """What a file's parts mean to its verdict."""

    SHOWN = "shown"
    """They are shown with it, as the signed messages that a mail forwards."""
    ENVELOPE = "envelope"
    """It is what they are, unless it bears a signature itself (edXML)."""
    ARCHIVE = "archive"
    """It is as good as the worst of them."""
    BESIDE = "beside"
    """A file and the detached signature beside it, in this order."""


@dataclass(frozen=True)
class Cover:
    """How the signatures of a mail and the mail belong together (`smime.py`)."""

    obstacle: Finding | None = None
    """Why the inside of a wrapping cannot be judged."""
    remnant: bool = False
    """There is a signature's wrapping, but no signature in it."""
    salt: bytes = b""
    claimed: tuple[bytes, ...] = ()
    """Salted digests of the addresses that From shows, outside and inside the signature; empty
    when there is none, more than one, or one that readers may take for different ones."""


@dataclass(frozen=True, eq=False)
class FileFacts:
    """All facts of one file, message or part; each is equal to itself alone."""

    kind: Kind
    answer: Answer = Answer.SIGNATURES
    signers: tuple[SignerFacts, ...] = ()
    findings: frozenset[Finding] = frozenset()
    cover: Cover | None = None
    """For a mail."""
    shape: Shape = Shape.SHOWN
    parts: "tuple[Part, ...]" = ()
    complete: bool = True
    """False where parts were left out past a limit."""

    @functools.cached_property
    def signed(self) -> bool:
        """Is there a signature in it or in a part, so that trust and time have a say?"""
        return bool(self.signers) or any(part.facts.signed for part in self.parts)

    def walk(self) -> "Iterator[FileFacts]":
        """Itself and all parts, outermost first."""
        yield self
        for part in self.parts:
            yield from part.facts.walk()


@dataclass(frozen=True)
class Part:
    """A part of a file and the name it is shown by."""

    name: str
    facts: FileFacts


def unreadable(kind: Kind, *findings: Finding) -> FileFacts:
    """Encrypted, or malformed beyond a tolerant reader."""
    return FileFacts(kind, Answer.UNREADABLE, findings=frozenset(findings))


def undecided(kind: Kind, *findings: Finding) -> FileFacts:
    """A signature may be there that we cannot judge: our lack."""
    return FileFacts(kind, Answer.UNDECIDED, findings=frozenset(findings))
