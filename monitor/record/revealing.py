"""Showing what of messages is sealed: noted in the audit log before anything is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from monitor.record import audit
from monitor.record.connection import Connection
from monitor.record.sealing import Sealer

Opening = tuple[Sealer, str, str]
"""Key, actor and reason."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a message is sealed."""

    sender: str | None
    subject: str | None


async def open_messages(
    connection: Connection, rows: Sequence[asyncpg.Record], opening: Opening | None
) -> list[Opened | None]:
    """Sender and subject of rows with message_uid, sealed_sender and sealed_subject; without
    `opening` they stay sealed. Raises UserError for a reason that says nothing.
    """
    if opening is None:
        return [None] * len(rows)
    sealer, actor, reason = opening
    await _note(connection, actor, reason, [row["message_uid"] for row in rows])
    return [
        Opened(
            sealer.open(row["sealed_sender"], "sender"),
            sealer.open(row["sealed_subject"], "subject"),
        )
        for row in rows
    ]


async def _note(connection: Connection, actor: str, reason: str, messages: Sequence[UUID]) -> None:
    async with connection.transaction():
        for uid in dict.fromkeys(messages):
            await audit.note(connection, actor, "reveal", str(uid), reason)
