"""The JSON that facts are kept in: a closed schema, every list and text of it bounded.

Blobs (certificates, revocation data, CMS structures) are named by their place in `Kept.blobs`,
which lists their SHA-256. Octets that are no blob are base64, times are ISO 8601.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, ConfigDict, Field, model_validator

from monitor.model import (
    Coverage,
    Finding,
    Integrity,
    Kind,
    Sha256,
    SubIndication,
    Value,
)
from monitor.verify.facts import Answer, Shape
from monitor.verify.trust import Purpose

MAX_BLOBS = 4096
MAX_SIGNERS, MAX_PARTS = 256, 1024

Index = Annotated[int, Field(ge=0, lt=MAX_BLOBS)]
Indexes = Annotated[tuple[Index, ...], Field(max_length=1024)]
Word = Annotated[str, Field(max_length=256)]
Uses = Annotated[
    tuple[tuple[Word, Annotated[int, Field(ge=0, le=1_000_000)]], ...], Field(max_length=256)
]
"""Algorithms by name, each with the bits of its key or 0."""
Octets = Annotated[Base64Bytes, Field(max_length=64 * 1024)]


class Closed(Value):
    """Nothing outside the schema, nothing coerced but what JSON has no type for."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Token(Closed):
    time: AwareDatetime
    authority: Index | None = None
    extras: Indexes = ()
    crls: Indexes = ()
    ocsps: Indexes = ()
    uses: Uses = ()


class Sought(Closed):
    family: Word
    digest: Word | None = None
    mask_digest: Word | None = None
    salt_length: Annotated[int, Field(ge=0, le=65536)] = 20
    signatures: Annotated[tuple[Octets, ...], Field(max_length=2)]
    octets: Annotated[Indexes, Field(max_length=4)] = ()
    issuer: Octets | None = None
    serial: Octets | None = None
    key_id: Octets | None = None
    references: Annotated[tuple[tuple[Word, Octets], ...], Field(max_length=64)] = ()
    numbers: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{1,100}$")], ...],
                       Field(max_length=64)] = ()  # fmt: skip


class Signer(Closed):
    integrity: Integrity
    failure: SubIndication | None = None
    certificate: Index | None = None
    attributable: bool = True
    unsupported: bool = False
    extras: Indexes = ()
    crls: Indexes = ()
    ocsps: Indexes = ()
    uses: Uses = ()
    claimed: AwareDatetime | None = None
    tokens: Annotated[tuple[Token, ...], Field(max_length=128)] = ()
    findings: tuple[Finding, ...] = ()
    format: Word = "CMS"
    level: Word | None = None
    coverage: Coverage = Coverage.UNKNOWN
    counts: bool = True
    purpose: Purpose = Purpose.SIGN
    digest_algorithm: Word = ""
    content_digest: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){0,128}$")] = ""
    raw: Index | None = None
    end: Annotated[int, Field(ge=0)] = 0
    sought: Sought | None = None


class Cover(Closed):
    obstacle: Finding | None = None
    remnant: bool = False
    salt: Octets = b""
    claimed: Annotated[tuple[Octets, ...], Field(max_length=64)] = ()


class File(Closed):
    kind: Kind
    answer: Answer = Answer.SIGNATURES
    signers: Annotated[tuple[Signer, ...], Field(max_length=MAX_SIGNERS)] = ()
    findings: tuple[Finding, ...] = ()
    cover: Cover | None = None
    shape: Shape = Shape.SHOWN
    parts: Annotated[tuple["Part", ...], Field(max_length=MAX_PARTS)] = ()
    complete: bool = True

    @model_validator(mode="after")
    def _two_beside_each_other(self) -> "File":
        if self.shape is Shape.BESIDE and len(self.parts) != 2:
            raise ValueError("a file and its signature are two")
        return self


class Part(Closed):
    name: Annotated[str, Field(max_length=4096)]
    facts: File


class Kept(Closed):
    """What `KeptEvidence.facts` holds."""

    version: Literal[1] = 1
    blobs: Annotated[tuple[Sha256, ...], Field(max_length=MAX_BLOBS)] = ()
    file: File
    left_out: Annotated[int, Field(ge=0)] = 0
    """Revocation data too large to keep; none of it speaks against a certificate in the file."""
