"""Messages from outside in an agency's name, as an operator or that agency may ask for them."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from monitor.model import Origin
from monitor.record.agencies import require_known
from monitor.record.database import Database
from monitor.record.revealing import Opened, Opening, open_messages
from monitor.record.statements import sql


@dataclass(frozen=True, slots=True)
class WantedOrigins:
    """Conditions; None is any."""

    agency: str | None = None
    """The one that is claimed."""
    first_day: date | None = None
    last_day: date | None = None
    origin: Origin | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class OriginRecord:
    """One message, without what is sealed."""

    message_uid: UUID
    day: date
    agency: str
    """Whose domain or address its From claims."""
    occurred_at: datetime
    origin: str
    from_domain: str | None
    dkim: tuple[tuple[str, str, str], ...]
    """Domain, selector and result of each signature."""
    spf: str | None
    aligned_by: str | None
    copies: int
    asked_again: bool
    """Its origin is unknown and still asked for."""


Found = tuple[OriginRecord, Opened | None]


async def list_origins(
    database: Database, wanted: WantedOrigins, opening: Opening | None = None
) -> list[Found]:
    """Messages that meet the conditions, newest first.

    Raises UserError for an agency that nobody knows, or for a reason that says nothing.
    """
    async with database.connection() as connection:
        await require_known(connection, wanted.agency)
        rows = await connection.fetch(
            sql("list_origins"),
            wanted.agency, wanted.first_day, wanted.last_day, wanted.origin, wanted.limit,
        )  # fmt: skip
        opened = await open_messages(connection, rows, opening)
    return list(zip(map(_record, rows), opened, strict=True))


def _record(row: asyncpg.Record) -> OriginRecord:
    evidence: dict[str, Any] = json.loads(row["origin_evidence"] or "{}")
    return OriginRecord(
        row["message_uid"], row["day"], row["agency"], row["occurred_at"], row["origin"],
        evidence.get("from_domain"),
        tuple((each[0], each[1], each[2]) for each in evidence.get("dkim") or ()),
        evidence.get("spf"), evidence.get("aligned_by"), row["copies"], row["asked_again"],
    )  # fmt: skip
