"""Rows of the schema's tables; field names are column names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from monitor.record.axis_rows import AxisRows
from monitor.record.origins import DueRow, SelectorRow


class ItemRow(NamedTuple):
    item_id: UUID
    day: date
    kind: str
    source: str | None
    channel: str
    live: bool
    received_at: datetime
    size: int
    oversize: bool
    dispatch: UUID
    envelope_recipients: int
    hops: str | None


class MessageRow(NamedTuple):
    message_uid: UUID
    day: date
    message_key: bytes
    occurred_at: datetime
    first_received_at: datetime
    last_received_at: datetime
    decided_at: datetime
    channel: str
    direction: str
    sender_agency_id: int
    copies: int
    recipients: list[int]
    size: int
    automatic: bool
    oversize: bool
    overall: str
    cause: str | None
    integrity: str
    trust: str
    binding: str | None
    findings: list[str]
    formal_documents: int
    formal_valid: int
    formal_ours: int
    sealed_sender: bytes | None
    sealed_subject: bytes | None
    provisional: bool
    evidence_id: UUID | None
    sender_address_id: int | None
    message_ref: int | None
    sampled_rate: float = 1.0
    sampled: bool = True
    origin: str | None = None
    origin_evidence: str | None = None
    claimed_agency_id: int = 0
    attached: int = 0


class DocumentRow(NamedTuple):
    document_uid: UUID
    day: date
    agency_id: int
    channel: str
    content_hash: bytes
    first_at: datetime
    decided_at: datetime
    document_class: str
    kind: str
    size: int
    file_name: str | None
    number: str | None
    notation: str | None
    issued_on: date | None
    paper: str | None
    counted: bool
    relayed: bool
    signed_by_issuer: bool
    overall: str
    cause: str | None
    integrity: str
    trust: str
    findings: list[str]
    sealed_sender: bytes | None
    sealed_subject: bytes | None
    provisional: bool
    paired: bool
    organisation_signed: bool
    evidence_id: UUID | None
    role: str
    role_by: str | None
    dispatch_known: bool
    origin: str | None
    sampled_rate: float = 1.0
    sampled: bool = True
    drawn_with: UUID | None = None


class SignatureRow(NamedTuple):
    owner_uid: UUID
    day: date
    ordinal: int
    owner: str
    format: str | None
    level: str | None
    indication: str
    sub_indication: str | None
    cause: str | None
    integrity: str
    trust: str
    counts: bool
    signer_kind: str | None
    signer_agency_id: int
    signer_organisation: str | None
    trust_class: str | None
    certificate_sha256: bytes | None
    certificate_not_after: datetime | None
    revoked_at: datetime | None
    signing_time: datetime | None
    signing_time_source: str | None
    coverage: str
    findings: list[str]
    provisional: bool
    signer_ref: int | None
    sealed_signer: bytes | None


class JudgementRow(NamedTuple):
    """`trust_material` is the fingerprint that the database knows as an epoch."""

    evidence_id: UUID
    owner: str
    content_hash: bytes
    receipt_at: datetime
    by_receipt: bool
    overall: str
    cause: str | None
    trust: str
    provisional: bool
    digest: bytes
    state: str
    trust_material: str
    judged_at: datetime
    due_at: datetime | None


class CertificateRow(NamedTuple):
    certificate_sha256: bytes
    evidence_id: UUID
    proof_at: datetime
    trust_material: str


class DocumentVerdict(NamedTuple):
    """The columns of a document that follow from its verdict."""

    kind: str
    overall: str
    cause: str | None
    integrity: str
    trust: str
    findings: list[str]
    relayed: bool
    signed_by_issuer: bool
    paired: bool
    organisation_signed: bool
    provisional: bool
    evidence_id: UUID | None

    @classmethod
    def of(cls, row: DocumentRow) -> "DocumentVerdict":
        return cls(*(getattr(row, name) for name in cls._fields))


class MessageVerdict(NamedTuple):
    """The columns of a message that follow from its verdict."""

    overall: str
    cause: str | None
    integrity: str
    trust: str
    binding: str | None
    findings: list[str]
    provisional: bool
    evidence_id: UUID | None

    @classmethod
    def of(cls, row: MessageRow) -> "MessageVerdict":
        return cls(*(getattr(row, name) for name in cls._fields))


class ChangeRow(NamedTuple):
    owner: str
    uid: UUID
    at: datetime
    reason: str
    epoch: int
    old_overall: str
    old_cause: str | None
    old_trust: str
    new_overall: str
    new_cause: str | None
    new_trust: str


class UnknownRow(NamedTuple):
    day: date
    kind: str
    name: str
    verified: bool
    sender: int
    items: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept of one content, and how it stands."""

    judgement: JudgementRow
    facts: str
    blobs: Mapping[bytes, bytes]
    """By their SHA-256."""
    certificates: tuple[CertificateRow, ...]


@dataclass(frozen=True, slots=True)
class Owned:
    """What hangs on a document or message."""

    signatures: tuple[SignatureRow, ...] = ()
    evidence: Evidence | None = None
    unexamined: bool = False
    """No child could judge it: its verdict is next to nothing."""
    undrawn: bool = False
    """It was not drawn for verification: nothing was judged."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that one outcome may write; the database decides what of it is new."""

    item: ItemRow
    dispatched_at: datetime
    message: MessageRow | None = None
    message_owned: Owned = Owned()
    recipient_ids: tuple[int, ...] = ()
    documents: tuple[tuple[int, DocumentRow, Owned], ...] = ()
    """With the index in `Examined.documents`; a file attached twice is here once."""
    unknown: UnknownRow | None = None
    axis: AxisRows | None = None
    origin_due: DueRow | None = None
    selectors: tuple[SelectorRow, ...] = ()
    freemail: tuple[tuple[int, str], ...] = ()
    """Agency and way of what goes by free mail."""
