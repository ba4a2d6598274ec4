"""Coverage: what the journal delivered against what the gateway's log says was sent.

Message by message, by the keyed pseudonym of the Message-ID, so that a broken journal rule shows
as falling coverage and not as falling adoption (DESIGN "Coverage").
"""

from dataclasses import dataclass
from datetime import date, timedelta

from monitor.measure.statements import sql
from monitor.record import Database
from monitor.record.connection import Connection

COPIES_COME_WITHIN = timedelta(days=14)
"""Postfix gives a queued journal copy up after five days, as others do; then it never comes."""


async def refresh_coverage(connection: Connection, today: date) -> None:
    """Bring `coverage_day` up to date, inside the caller's transaction."""
    logged = {row["day"] for row in await connection.fetch(sql("take_coverage_due"))}
    since = min({today - COPIES_COME_WITHIN, *logged})
    come = {row["day"] for row in await connection.fetch(sql("match_captured"), since)}
    if days := logged | come:
        await connection.execute(sql("coverage_of_days"), sorted(days))


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """One agency's mail on one Vietnam day of the gateway's log."""

    day: date
    agency: str
    """Its code."""
    logged: int
    captured: int


async def coverage_days(
    database: Database, first: date, last: date, agency: str | None = None
) -> list[CoverageDay]:
    """All days and agencies with mail in the gateway's log, by agency and day, as last compared.

    Raises DatabaseUnavailable.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(sql("list_coverage"), first, last, agency)
    return [CoverageDay(row["day"], row["code"], row["logged"], row["captured"]) for row in rows]
