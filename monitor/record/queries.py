"""Reading the record back: the documents behind a figure, and everything known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from monitor.errors import UserError
from monitor.model import Channel, Finding, Overall
from monitor.record import audit
from monitor.record.database import Database
from monitor.record.sealing import Sealer
from monitor.record.statements import sql

SHORTEST_HASH = 6
MOST_FOUND = 100
MOST_SENDINGS = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents to list; None leaves a condition out. Days are Vietnam days, inclusive."""

    agency: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    verdict: Overall | None = None
    """Of what was verified: what was not drawn has none."""
    channel: Channel | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """The evidence row of a document, without what is sealed."""

    document_uid: UUID
    day: date
    """Vietnam day of its first dispatch."""
    agency: str | None
    channel: str
    content_hash: str
    first_at: datetime
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
    paired: bool
    """A valid person's and a valid organisation's signature of the issuing agency are there."""
    organisation_signed: bool
    """A valid organisation's signature of the issuing agency is there."""
    role: str
    """`main`; `appendix` and `copy` are complete with the organisation's signature alone."""
    role_by: str | None
    """Who says so: `source`, `container`, `register`, `notation`, `file_name`; None: nobody."""
    dispatch_known: bool
    """`first_at` is when it was sent; False where it is only when the file was met."""
    origin: str | None
    """Of a portal: the address it was published at."""
    overall: str
    cause: str | None
    integrity: str
    trust: str
    provisional: bool
    """Valid until revocation data issued after the time of proof has been seen."""
    findings: tuple[str, ...]
    decided_at: datetime
    """When it was judged first; see `Explained.standing` for the last time."""
    sampled: bool = True
    """Drawn for verification with what brought it first."""
    sampled_rate: float = 1.0
    """The rate at which it was drawn or not; 1 is a census."""

    @property
    def unverified(self) -> bool:
        """It was not drawn, nor was what brought it since: no verdict is known."""
        return Finding.NOT_SAMPLED in self.findings


@dataclass(frozen=True, slots=True)
class SendingRecord:
    """One dispatch of a document; what only a mail has is None for a file or edXML message."""

    at: datetime
    dispatch: UUID
    direction: str | None
    automatic: bool | None
    message_verdict: str | None
    copies: int | None
    sender_agency: str | None
    recipient_agencies: tuple[str, ...]
    """On the exchange axis organ codes stand for agencies that are not known."""
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """One recorded signature; its signer's name is sealed, see `reveal`."""

    ordinal: int
    format: str
    level: str | None
    indication: str
    sub_indication: str | None
    cause: str | None
    integrity: str
    trust: str
    counts: bool
    signer_kind: str | None
    signer_agency: str | None
    signer_organisation: str | None
    trust_class: str | None
    certificate_sha256: str | None
    certificate_not_after: datetime | None
    revoked_at: datetime | None
    signing_time: datetime | None
    signing_time_source: str | None
    coverage: str
    provisional: bool
    """Passed, but no revocation data issued after the time of proof has been seen yet."""
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One change of a recorded verdict; `reason` is a word of `judging.Reason`."""

    at: datetime
    reason: str
    epoch: int
    """Number of the trust material it was judged by; 0 is not known."""
    old_overall: str
    old_cause: str | None
    old_trust: str
    new_overall: str
    new_cause: str | None
    new_trust: str


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """How a verdict stands, and what is kept to judge it again."""

    state: str
    """`open` may still change, `settled`, `final` by cryptography, `stuck`: see `failure`."""
    provisional: bool
    receipt_at: datetime
    """Earliest receipt of its signatures: they are judged at it, unless a time-stamp says more."""
    judged_at: datetime
    due_at: datetime | None
    """When it is judged again though no trust material has changed."""
    epoch: int
    epoch_since: datetime | None
    failures: int
    failure: str | None
    """Why judging it again failed last."""
    evidence_bytes: int


@dataclass(frozen=True, slots=True)
class MetEntry:
    """An entry of a register that a document has met."""

    entry_id: int
    agency: str
    direction: str
    number: str | None
    notation: str | None
    day: date
    paper: str | None
    gone: bool
    how: str
    """`hash`, `number`, `file_name`, `by_hand`; `refused` by hand: never to be matched."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything recorded of one document."""

    document: DocumentRecord
    sendings: tuple[SendingRecord, ...]
    signatures: tuple[SignatureRecord, ...]
    standing: StandingRecord | None
    """None: no evidence is kept, so the verdict stays as it is."""
    changes: tuple[ChangeRecord, ...]
    """Oldest first."""
    entries: tuple[MetEntry, ...] = ()
    """Of registers; refused ones last."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What of a document is sealed."""

    sender: str | None
    subject: str | None
    signers: tuple[str | None, ...]
    """JSON with subject, e-mail addresses and UID, in the order of the signatures."""


@dataclass(frozen=True, slots=True)
class UnknownSender:
    """A domain (kind `mail`), claimed agency code (`document`) or organ code (`axis`) of no known
    agency.
    """

    kind: str
    name: str
    items: int
    senders: int
    verified: bool
    first_day: date
    last_at: datetime


async def list_documents(database: Database, wanted: Wanted) -> list[DocumentRecord]:
    """Documents that meet the conditions, newest first."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            sql("list_documents"),
            wanted.agency,
            wanted.first_day,
            wanted.last_day,
            wanted.verdict,
            wanted.channel,
            wanted.limit,
        )
    return [_document(row) for row in rows]


async def explain(database: Database, name: str) -> list[Explained]:
    """Documents of that content hash (or its first characters), uid, or number; newest first.

    Raises UserError when nothing has that name.
    """
    low, high, uid = _as_hash(name), _as_hash(name, "f"), as_uid(name)
    async with database.connection() as connection:
        rows = await connection.fetch(
            sql("find_documents"), low, high, uid, name.strip(), MOST_FOUND
        )
        found = []
        for row in rows:
            sendings = await connection.fetch(
                sql("sendings_of"), row["document_uid"], MOST_SENDINGS
            )
            uid = row["document_uid"]
            signatures = await connection.fetch(sql("signatures_of"), uid)
            changes = await connection.fetch(sql("changes_of"), uid)
            standing = await connection.fetchrow(sql("standing_of"), row["evidence_id"])
            entries = await connection.fetch(sql("entries_of"), uid)
            found.append(
                Explained(
                    _document(row),
                    tuple(_sending(each) for each in sendings),
                    tuple(_signature(each) for each in signatures),
                    StandingRecord(**dict(standing)) if standing else None,
                    tuple(ChangeRecord(**dict(each)) for each in changes),
                    tuple(MetEntry(**dict(each)) for each in entries),
                )
            )
    if not found:
        raise UserError(
            f"{name}: no recorded document has this content hash, its first {SHORTEST_HASH} or "
            "more characters, or this number; `congvu documents list` shows what there is"
        )
    return found


async def reveal(
    database: Database, sealer: Sealer, document_uid: UUID, actor: str, reason: str
) -> Revealed:
    """Open what is sealed of a document; the audit row is committed before anything is opened.

    Raises UserError without a reason, or when the key is not the one that sealed it.
    """
    async with database.connection() as connection:
        await audit.note(connection, actor, "reveal", str(document_uid), reason)
        row = await connection.fetchrow(
            "SELECT sealed_sender, sealed_subject FROM document WHERE document_uid = $1",
            document_uid,
        )
        signers = await connection.fetch(
            "SELECT sealed_signer FROM signature WHERE owner_uid = $1 ORDER BY ordinal",
            document_uid,
        )
    if row is None:
        raise UserError(f"{document_uid}: no such document")
    return Revealed(
        sealer.open(row["sealed_sender"], "sender"),
        sealer.open(row["sealed_subject"], "subject"),
        tuple(sealer.open(each["sealed_signer"], "signer") for each in signers),
    )


async def unknown_senders(
    database: Database, limit: int = 50, since: date | None = None
) -> list[UnknownSender]:
    """Who sends without belonging to a known agency, the busiest first."""
    async with database.connection() as connection:
        rows = await connection.fetch(sql("unknown_senders"), since, limit)
    return [UnknownSender(**dict(row)) for row in rows]


def _document(row: asyncpg.Record) -> DocumentRecord:
    own = {key: row[key] for key in DocumentRecord.__dataclass_fields__}
    return DocumentRecord(
        **{
            **own,
            "agency": row["agency"] or None,
            "content_hash": row["content_hash"].hex(),
            "findings": tuple(row["findings"]),
            "sampled_rate": round(row["sampled_rate"], 6),
        }
    )


def _sending(row: asyncpg.Record) -> SendingRecord:
    values = dict(row) | {key: tuple(row[key]) for key in ("recipient_agencies", "sources")}
    return SendingRecord(**(values | {"sender_agency": row["sender_agency"] or None}))


def _signature(row: asyncpg.Record) -> SignatureRecord:
    own: dict[str, Any] = {key: row[key] for key in SAME_IN_SIGNATURE}
    certificate = row["certificate_sha256"]
    return SignatureRecord(
        **own,
        certificate_sha256=certificate.hex() if certificate else None,
        findings=tuple(row["findings"]),
    )


SAME_IN_SIGNATURE: Sequence[str] = (
    "ordinal", "format", "level", "indication", "sub_indication", "cause", "integrity", "trust",
    "counts", "signer_kind", "signer_agency", "signer_organisation", "trust_class",
    "certificate_not_after", "revoked_at", "signing_time", "signing_time_source", "coverage",
    "provisional",
)  # fmt: skip


def _as_hash(name: str, fill: str = "0") -> bytes | None:
    """Lowest (or highest) hash that begins with these characters; None when they are no hash."""
    text = name.strip().lower()
    if not SHORTEST_HASH <= len(text) <= 64 or set(text) - set("0123456789abcdef"):
        return None
    return bytes.fromhex(text.ljust(64, fill))


def as_uid(name: str) -> UUID | None:
    """The identifier that a name is, if it is one."""
    try:
        return UUID(name.strip())
    except ValueError:
        return None
