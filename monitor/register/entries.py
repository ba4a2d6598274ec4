"""Reading entries of registers back, and an operator's word on which files they have."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from monitor.errors import UserError
from monitor.record import Database, Sealer, audit
from monitor.record.connection import Connection
from monitor.record.register import RECIPIENTS_SEAL, SIGNER_SEAL, SUBJECT_SEAL
from monitor.register.matching import (
    AFTER,
    BEFORE,
    PATIENCE,
    SETTINGS,
    decide,
    number_of,
)
from monitor.register.statements import sql

SHORTEST_HASH = 6

Side = Literal["register", "files"]
Word = Literal["by_hand", "refused"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None leaves a condition out. Days are Vietnam days, inclusive."""

    agency: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    direction: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One document of a register, without what is sealed."""

    entry_id: int
    agency: str
    direction: str
    number: str | None
    notation: str | None
    arrival_number: str | None
    day: date
    issued_on: date | None
    document_type: str | None
    role: str
    secret: bool
    paper: str | None
    status: str | None
    sent_at: datetime | None
    signed_at: datetime | None
    recipients: int | None
    file_names: tuple[str, ...]
    gone: bool
    """A later import of a complete list did not have it any more."""
    files: int
    """Contents that it has met."""

    @property
    def full_number(self) -> str:
        return "/".join(part for part in (self.number, self.notation) if part)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A document that an entry has met, or that was refused."""

    content_hash: str
    file_name: str | None
    channel: str
    first_at: datetime
    overall: str
    cause: str | None
    role: str
    how: str


@dataclass(frozen=True, slots=True)
class RevealedEntry:
    """What of an entry is sealed; nothing is kept of secret ones."""

    subject: str | None
    signer: str | None
    recipients: str | None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entry without a file, or a file without an entry, and why."""

    agency: str
    name: str
    """Number of the entry, or the file's content hash: what `link` takes."""
    number: str
    day: date
    kind: str | None
    """Type of the document, or the file's channel."""
    file_names: tuple[str, ...]
    why: str
    """`ambiguous`, `other_day`, `other_notation`, `refused`, `no_file`, `no_register`, `no_number`,
    `not_registered`."""
    candidates: tuple[str, ...]
    """What comes nearest: files for an entry, entries for a file."""


async def list_entries(connection: Connection, wanted: Wanted) -> list[EntryRecord]:
    """Entries that meet the conditions, newest first."""
    return await _entries(connection, wanted, None, None, None)


async def find_entries(connection: Connection, name: str, wanted: Wanted) -> list[EntryRecord]:
    """Entries of that entry number, or of that number and notation. Raises UserError for none."""
    number = number_of(name, None)
    found = await _entries(connection, wanted, _entry_id(name), number.text, number.notation)
    if not found:
        raise UserError(
            f"{name}: no register has an entry of this number; `congvu register list` shows them"
        )
    return found


async def _entries(
    connection: Connection, wanted: Wanted, entry: int | None, text: str | None, mark: str | None
) -> list[EntryRecord]:
    key = number_of(text, mark).key if text else None
    rows = await connection.fetch(
        sql("list_entries"), wanted.agency, wanted.first_day, wanted.last_day, wanted.direction,
        entry, key, text, mark, wanted.limit,
    )  # fmt: skip
    return [EntryRecord(**{**dict(row), "file_names": tuple(row["file_names"])}) for row in rows]


async def files_of(connection: Connection, entry_id: int) -> list[FileRecord]:
    """What an entry has met and what was refused, the latter last."""
    rows = await connection.fetch(sql("files_of_entry"), entry_id)
    return [FileRecord(**dict(row)) for row in rows]


async def reveal_entry(
    database: Database, sealer: Sealer, entry_id: int, actor: str, reason: str
) -> RevealedEntry:
    """Open what is sealed of an entry; the audit row is committed before. Raises UserError."""
    async with database.connection() as connection:
        await audit.note(connection, actor, "reveal", f"register entry {entry_id}", reason)
        row = await connection.fetchrow(
            "SELECT sealed_subject, sealed_signer, sealed_recipients FROM register_entry "
            "WHERE entry_id = $1",
            entry_id,
        )
    if row is None:
        raise UserError(f"{entry_id}: no such entry")
    return RevealedEntry(
        sealer.open(row["sealed_subject"], SUBJECT_SEAL),
        sealer.open(row["sealed_signer"], SIGNER_SEAL),
        sealer.open(row["sealed_recipients"], RECIPIENTS_SEAL),
    )


async def unmatched(
    database: Database, side: Side, wanted: Wanted, limit: int | None
) -> AsyncGenerator[tuple[Unmatched, int], None]:
    """Entries without a file or files without an entry, by agency and day; each with how many there
    are in all, which `limit` does not change.

    `wanted` has both days. Nothing is changed. Raises DatabaseUnavailable.
    """
    async with database.connection() as connection, connection.transaction():
        await connection.execute(SETTINGS)
        await connection.execute(sql("match_tables"))
        await connection.execute(
            sql("match_files_between"), wanted.agency, wanted.first_day, wanted.last_day, BEFORE,
            AFTER, timeout=PATIENCE,
        )  # fmt: skip
        await decide(connection)
        rows = connection.cursor(
            sql("unmatched_entries" if side == "register" else "unmatched_files"), wanted.agency,
            wanted.first_day, wanted.last_day, limit, prefetch=1000, timeout=PATIENCE,
        )  # fmt: skip
        async for row in rows:
            yield _unmatched(dict(row)), row["total"]


def _unmatched(row: dict[str, Any]) -> Unmatched:
    values = {name: row[name] for name in Unmatched.__dataclass_fields__}
    arrays = {name: tuple(values[name]) for name in ("file_names", "candidates")}
    return Unmatched(**(values | arrays))


async def say(
    database: Database, word: Word, entry: str, content: str, actor: str, reason: str
) -> tuple[int, Sequence[UUID]]:
    """Link an entry and a content by hand, or refuse them for good; noted in the audit log.

    Gives the entry and the documents that it is about. The rest follows when registers are matched
    next. Raises UserError for an entry or content that there is not, or of another agency.
    """
    if not reason.strip():
        raise UserError("--reason is empty: it is written to the audit log")
    async with database.connection() as connection, connection.transaction():
        entry_id = _entry_id(entry)
        row = await connection.fetchrow(
            "SELECT entry_id, agency_id, direction, day FROM register_entry WHERE entry_id = $1",
            entry_id,
        )
        if row is None:
            raise UserError(
                f"{entry}: no such entry; `congvu register list` and `unmatched` show their numbers"
            )
        whose = row["agency_id"] if row["direction"] == "out" else None
        documents = await _documents(connection, content, whose)
        await audit.note(
            connection, actor, "register-link" if word == "by_hand" else "register-unlink",
            f"entry {entry_id}, {content.strip().lower()[:64]}", reason,
        )  # fmt: skip
        await connection.execute(sql("say_by_hand"), entry_id, documents, word)
        await connection.execute(
            "INSERT INTO register_match_due (agency_id, day) VALUES ($1, $2)",
            row["agency_id"],
            row["day"],
        )
    return row["entry_id"], documents


async def _documents(connection: Connection, content: str, agency_id: int | None) -> list[UUID]:
    """The document rows of one content, in every channel; of one agency's, where it is given."""
    text = content.strip().lower()
    if not SHORTEST_HASH <= len(text) <= 64 or set(text) - set("0123456789abcdef"):
        raise UserError(
            f"{content}: give the file's content hash, or at least its first {SHORTEST_HASH} "
            "characters; `congvu register unmatched --side files` shows them"
        )
    rows = await connection.fetch(
        "SELECT document_uid, content_hash, agency_id FROM document "
        "WHERE content_hash BETWEEN $1 AND $2 ORDER BY document_uid LIMIT 1000",
        bytes.fromhex(text.ljust(64, "0")),
        bytes.fromhex(text.ljust(64, "f")),
    )
    if not rows:
        raise UserError(f"{content}: no recorded document has this content hash")
    if len({row["content_hash"] for row in rows}) > 1:
        raise UserError(f"{content}: several files begin so; give more characters")
    own = [row["document_uid"] for row in rows if agency_id in (None, row["agency_id"])]
    if not own:
        raise UserError(f"{content}: this file was issued by another agency than the entry's")
    return own


def _entry_id(text: str) -> int | None:
    bare = text.strip()
    if not bare.isascii() or not bare.isdigit() or len(bare) > 18:
        return None
    return int(bare)
