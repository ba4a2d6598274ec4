"""How far logs are read, written in the transaction of what was read from them.

The row of a log as a whole (file 0) carries a serial number: whoever writes must have seen the
last one. So a log that two nodes read at once, or a write whose answer was lost, is never counted
twice; the lock only spares them the work.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from monitor.errors import TemporaryError
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.faults import FROM_THE_SERVER, is_ours, unavailable
from monitor.record.statements import sql

WHOLE = 0
"""The "file" that is the log as a whole."""


class CheckpointMoved(TemporaryError):
    """Another process has read this log meanwhile: begin again where it is now."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is known of a log: of it as a whole, and of each file by its number."""

    serial: int
    whole: Mapping[str, Any]
    files: Mapping[int, Mapping[str, Any]]


async def load(connection: Connection, source: str) -> Checkpoint:
    """How far a log is read; serial 0 is never."""
    rows = await connection.fetch(
        "SELECT file, position FROM log_checkpoint WHERE source = $1 ORDER BY file", source
    )
    positions = {row["file"]: json.loads(row["position"]) for row in rows}
    whole = positions.pop(WHOLE, {})
    return Checkpoint(whole.pop("serial", 0), whole, positions)


async def forget(connection: Connection, source: str) -> None:
    """Begin anew with a log: saying what was said before changes nothing."""
    await connection.execute("DELETE FROM log_checkpoint WHERE source = $1", source)


async def save(
    connection: Connection,
    source: str,
    serial: int,
    whole: Mapping[str, Any],
    files: Mapping[int, Mapping[str, Any]],
    forgotten: Iterable[int] = (),
) -> None:
    """Note how far a log is read, inside the caller's transaction and before all else in it.

    `serial` is the one that is known; the next is written. Raises CheckpointMoved when it is not
    the last any more: the transaction must be given up.
    """
    position = json.dumps({**whole, "serial": serial + 1})
    if not await connection.fetchval(sql("save_log_checkpoint"), source, serial, position):
        raise CheckpointMoved(f"log {source} is read by another process")
    if files:
        await connection.execute(
            sql("save_log_files"),
            source,
            list(files),
            [json.dumps(position) for position in files.values()],
        )
    if numbers := list(forgotten):
        await connection.execute(
            "DELETE FROM log_checkpoint WHERE source = $1 AND file = ANY ($2::integer[])",
            source,
            numbers,
        )


class SourceLocks:
    """Locks on logs, held by one connection of its own for as long as it lives."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._held: set[str] = set()
        self._turn = asyncio.Lock()

    async def hold(self, source: str) -> bool:
        """Whether this process may read a log now. Raises DatabaseUnavailable."""
        async with self._turn:
            if self._connection is None or self._connection.is_closed():
                self._held.clear()
                self._connection = await self._database.lasting_connection()
            if source in self._held:
                return True
            try:
                got = await self._connection.fetchval(
                    "SELECT pg_try_advisory_lock($1)", _key(source), timeout=10
                )
            except FROM_THE_SERVER as error:
                if is_ours(error):
                    raise
                raise unavailable(error) from error
            if got:
                self._held.add(source)
            return bool(got)

    async def release(self) -> None:
        """Give all of them back."""
        connection, self._connection = self._connection, None
        if connection:
            connection.terminate()


def _key(source: str) -> int:
    digest = hashlib.sha256(f"congvu log {source}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
