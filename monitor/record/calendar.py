"""The table of days that are not what their weekday says, for windows that SQL computes."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from monitor.record.connection import Connection
from monitor.record.statements import sql


class ExceptionalDay(Protocol):
    """What the record keeps of a day off, or of a day worked in exchange."""

    @property
    def day(self) -> date: ...
    @property
    def working(self) -> bool: ...
    @property
    def name(self) -> str: ...


async def sync(connection: Connection, days: Iterable[ExceptionalDay]) -> None:
    """Make the table say what the calendar says."""
    rows = list(days)
    async with connection.transaction():
        await connection.execute("LOCK TABLE calendar_day IN SHARE ROW EXCLUSIVE MODE")
        await connection.execute(
            sql("sync_calendar"),
            [row.day for row in rows],
            [row.working for row in rows],
            [row.name for row in rows],
        )
        await connection.execute(
            "DELETE FROM calendar_day WHERE day <> ALL ($1::date[])", [row.day for row in rows]
        )
