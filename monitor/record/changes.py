"""A recorded verdict is replaced: row, signatures, history, and marks for what is derived of it.

The caller holds the lock on the document's or message's key row, and the transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from monitor.record.connection import Connection
from monitor.record.judging import Reason
from monitor.record.rows import ChangeRow, DocumentVerdict, MessageVerdict, SignatureRow
from monitor.record.statements import sql


class Held(NamedTuple):
    """What the record says of a document or message before."""

    uid: UUID
    day: date
    evidence_id: UUID | None
    overall: str
    cause: str | None
    trust: str
    unexamined: bool
    undrawn: bool
    """Nothing was judged, for it was not drawn for verification."""

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Held":
        return cls(*(row[name] for name in cls._fields))


class Change(NamedTuple):
    """When and why a verdict is replaced; epoch 0 is not known."""

    at: datetime
    reason: Reason
    epoch: int


async def replace_document(
    connection: Connection,
    held: Held,
    row: DocumentVerdict,
    signatures: Sequence[SignatureRow],
    change: Change,
) -> None:
    """Give a document the verdict of `row`; identity, times and names stay."""
    await connection.execute(sql("replace_document_verdict"), held.uid, held.day, *row)
    await _replace_signatures(connection, held, signatures)
    await _note(connection, "document", held, row, change)
    await _note_entries_of(connection, held.uid)
    await recount_messages_of(connection, [held.uid])


async def replace_message(
    connection: Connection,
    held: Held,
    row: MessageVerdict,
    signatures: Sequence[SignatureRow],
    change: Change,
) -> None:
    """Give a message the verdict of `row`; the counts of its documents are made anew."""
    await connection.execute(sql("replace_message_verdict"), held.uid, held.day, *row)
    await _replace_signatures(connection, held, signatures)
    await _note(connection, "message", held, row, change)
    await connection.copy_records_to_table(
        "recount_message", records=[(held.uid,)], columns=["message_uid"]
    )


async def recount_messages_of(connection: Connection, documents: Iterable[UUID]) -> None:
    """Mark the messages that carried these documents."""
    await connection.execute(
        "INSERT INTO recount_message (message_uid) SELECT s.dispatch FROM sending s"
        " JOIN message_key k ON k.message_uid = s.dispatch WHERE s.document_uid = ANY ($1::uuid[])",
        list(documents),
    )


async def _note_entries_of(connection: Connection, document: UUID) -> None:
    """Whether a document is relayed decides what it proves of the entries that it met."""
    await connection.execute(
        "INSERT INTO changed_day SELECT DISTINCT e.day FROM register_file"
        " JOIN register_entry e USING (entry_id) WHERE document_uid = $1",
        document,
    )


async def _replace_signatures(
    connection: Connection, held: Held, rows: Sequence[SignatureRow]
) -> None:
    await connection.execute(
        "DELETE FROM signature WHERE owner_uid = $1 AND day = $2", held.uid, held.day
    )
    if rows:
        moved = [row._replace(owner_uid=held.uid, day=held.day) for row in rows]
        await connection.copy_records_to_table(
            "signature", records=moved, columns=SignatureRow._fields
        )


async def _note(
    connection: Connection,
    owner: str,
    held: Held,
    row: DocumentVerdict | MessageVerdict,
    change: Change,
) -> None:
    """History, if the words of the verdict changed; the day's facts are made anew either way."""
    before, after = (held.overall, held.cause, held.trust), (row.overall, row.cause, row.trust)
    if before != after:
        noted = ChangeRow(
            owner, held.uid, change.at, change.reason.value, change.epoch, *before, *after
        )
        await connection.copy_records_to_table(
            "verdict_change", records=[noted], columns=ChangeRow._fields
        )
    await connection.copy_records_to_table("changed_day", records=[(held.day,)], columns=["day"])
