"""The messages behind a figure of free mail, as an agency may ask for them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from monitor.model import FreemailWay
from monitor.record.database import Database
from monitor.record.revealing import Opened, Opening, check_agency, open_messages
from monitor.record.statements import sql


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
        await check_agency(connection, wanted.agency)
        rows = await connection.fetch(
            sql("list_freemail"),
            wanted.agency, wanted.first_day, wanted.last_day, wanted.way, wanted.limit,
        )  # fmt: skip
        opened = await open_messages(connection, rows, opening)
    return list(zip(map(_record, rows), opened, strict=True))


def _record(row: asyncpg.Record) -> FreemailRecord:
    values = {name: row[name] for name in FreemailRecord.__dataclass_fields__}
    lists = {name: tuple(row[name] or ()) for name in ("ways", "documents")}
    return FreemailRecord(**(values | lists | {"agency": row["agency"] or None}))
