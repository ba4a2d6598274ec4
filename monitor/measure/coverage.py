"""Coverage: what was captured against what an independent source says was sent.

Of mail the gateway's log, message by message, by the keyed pseudonym of the Message-ID, so that a
broken journal rule shows as falling coverage and not as falling adoption (DESIGN "Coverage"). Of
document systems the register, entry by entry, computed with the facts of a day
(sql/cover_registers.sql). The exchange axis has no independent count.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from monitor.measure.statements import sql
from monitor.model import Channel
from monitor.record import Database
from monitor.record.connection import Connection

COPIES_COME_WITHIN = timedelta(days=14)
"""Postfix gives a queued journal copy up after five days, as others do; then it never comes."""


async def refresh_coverage(connection: Connection, today: date) -> None:
    """Bring the coverage of mail up to date, inside the caller's transaction."""
    logged = {row["day"] for row in await connection.fetch(sql("take_coverage_due"))}
    since = min({today - COPIES_COME_WITHIN, *logged})
    come = {row["day"] for row in await connection.fetch(sql("match_captured"), since)}
    if days := logged | come:
        await connection.execute(sql("coverage_of_days"), sorted(days))


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """One agency on one Vietnam day of the gateway's log, or of its register."""

    day: date
    agency: str
    """Its code."""
    logged: int
    """Sent, as the independent source says: messages, or of a register documents."""
    captured: int
    channel: Channel = Channel.MAIL


async def coverage_days(
    database: Database, first: date, last: date, agency: str | None = None
) -> list[CoverageDay]:
    """All days and agencies that there is something to compare with, as last compared; mail first,
    then by agency and day.

    Raises DatabaseUnavailable.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(sql("list_coverage"), first, last, agency)
    return [
        CoverageDay(
            row["day"], row["code"], row["logged"], row["captured"], Channel(row["channel"])
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """How much there is to compare with: what an independent source says that an agency sent."""

    agency: str
    channel: Channel
    sent: int
    """Messages by the gateway's log on the last five working days; documents by the register in the
    calendar month before this one."""


async def compared(database: Database, today: date) -> list[Compared]:
    """Every agency and channel that has a coverage. Raises DatabaseUnavailable."""
    async with database.connection() as connection:
        rows = await connection.fetch(sql("coverage_compared"), today)
    return [Compared(row["code"], Channel(row["channel"]), row["sent"]) for row in rows]
