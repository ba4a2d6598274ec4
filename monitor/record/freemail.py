"""The messages behind a figure of free mail, as an agency may ask for them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from monitor.model import FreemailWay
from monitor.record.agencies import require_known
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.revealing import Opened, Opening, open_messages
from monitor.record.statements import sql

LONGER = 4
"""Times as many days are looked through where the last ones did not fill the page."""


@dataclass(frozen=True, slots=True)
class WantedFreemail:
    """Conditions; None is any."""

    agency: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    way: FreemailWay | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FreemailRecord:
    """One message of one agency, without what is sealed."""

    message_uid: UUID
    day: date
    agency: str | None
    """None: it left for free mail, and no copy says from whose mailbox."""
    ways: tuple[str, ...]
    occurred_at: datetime
    direction: str
    """As the agency sees it."""
    origin: str | None
    attached: int
    automatic: bool
    copies: int
    documents: tuple[str, ...]
    """Content hashes: `congvu documents explain` knows them."""


Found = tuple[FreemailRecord, Opened | None]


async def list_freemail(
    database: Database, wanted: WantedFreemail, opening: Opening | None = None
) -> list[Found]:
    """Messages that meet the conditions, newest first.

    With `opening` what is sealed is shown. Raises UserError for an agency that nobody knows, or
    for a reason that says nothing.
    """
    async with database.connection() as connection:
        await require_known(connection, wanted.agency)
        rows: list[asyncpg.Record] = []
        async for first, last in _stretches(connection, wanted):
            rows += await connection.fetch(
                sql("list_freemail"),
                wanted.agency, first, last, wanted.way, wanted.limit - len(rows),
            )  # fmt: skip
            if len(rows) == wanted.limit:
                break
        opened = await open_messages(connection, rows, opening)
    return list(zip(map(_record, rows), opened, strict=True))


async def _stretches(
    connection: Connection, wanted: WantedFreemail
) -> AsyncIterator[tuple[date, date]]:
    """The days wanted of which there is anything, the newest first, each stretch longer than the
    one before: so a page of messages costs what it holds, not what there is.
    """
    ((first, last),) = await connection.fetch(
        "SELECT min(day), max(day) FROM message_freemail WHERE day BETWEEN"
        " coalesce($1::date, '-infinity') AND coalesce($2::date, 'infinity')",
        wanted.first_day, wanted.last_day,
    )  # fmt: skip
    days = 1
    while first and first <= last:
        begin = last - min(timedelta(days=days - 1), last - first)
        yield begin, last
        last, days = begin - timedelta(days=1), days * LONGER


def _record(row: asyncpg.Record) -> FreemailRecord:
    values = {name: row[name] for name in FreemailRecord.__dataclass_fields__}
    lists = {name: tuple(row[name] or ()) for name in ("ways", "documents")}
    return FreemailRecord(**(values | lists | {"agency": row["agency"] or None}))
