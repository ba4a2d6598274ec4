"""Coverage: what the journal delivered against what the gateway's log says was sent.

Message by message, by the keyed pseudonym of the Message-ID, so that a broken journal rule shows
as falling coverage and not as falling adoption (DESIGN "Coverage").
"""

from datetime import date, timedelta

from monitor.measure.statements import sql
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
