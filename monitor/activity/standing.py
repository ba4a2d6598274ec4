"""How each configured log stands: what is read, what is there and unread, what is wrong."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.activity.files import LogUnreadable, find
from monitor.activity.ledger import Ledger
from monitor.activity.marks import FileMark
from monitor.activity.totals import Totals
from monitor.record import Database, log_checkpoints
from monitor.record.log_checkpoints import Checkpoint
from monitor.settings import LogSource


@dataclass(frozen=True, slots=True)
class Standing:
    """One log, as the record has it and as its files are."""

    source: str
    format: str
    totals: Totals
    written_at: datetime | None
    """When a line was last recorded; None: never."""
    files: int
    """That are known to the record."""
    unread_bytes: int | None
    """None where the files cannot be looked at from here."""
    trouble: str | None
    """As in monitor.activity.logs.HINTS."""


async def standings(database: Database, sources: Iterable[LogSource]) -> list[Standing]:
    """How they stand now; nothing is changed. Raises DatabaseUnavailable."""
    found = []
    for source in sources:
        async with database.connection() as connection:
            checkpoint = await log_checkpoints.load(connection, source.name)
            written_at = await connection.fetchval(
                "SELECT updated_at FROM log_checkpoint WHERE source = $1 AND file = 0", source.name
            )
        unread, trouble = await asyncio.to_thread(_on_disk, source, checkpoint)
        totals = Totals.of_json(checkpoint.whole)
        found.append(
            Standing(
                source.name, source.format, totals, written_at, len(checkpoint.files), unread,
                trouble,
            )
        )  # fmt: skip
    return found


def _on_disk(source: LogSource, checkpoint: Checkpoint) -> tuple[int | None, str | None]:
    """Bytes that are unread, and what is wrong."""
    marks = [FileMark.of_json(number, value) for number, value in checkpoint.files.items()]
    try:
        look = Ledger(marks, settle_seconds=0.0, copied=False).look(find(source.path))
    except LogUnreadable as error:
        return None, error.reason
    trouble = next((each.reason for each in look.troubles), None)
    return look.unread_bytes, trouble
