"""The messages behind a figure of free mail, as an agency may ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from monitor.errors import UserError
from monitor.model import FreemailWay
from monitor.record import audit
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.sealing import Sealer
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


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a message is sealed."""

    sender: str | None
    subject: str | None


Found = tuple[FreemailRecord, Opened | None]


async def list_freemail(
    database: Database, wanted: WantedFreemail, opening: tuple[Sealer, str, str] | None = None
) -> list[Found]:
    """Messages that meet the conditions, newest first.

    `opening`: key, actor and reason to show what is sealed; the audit rows are committed before
    anything is opened. Raises UserError for an agency that nobody knows, or without a reason.
    """
    async with database.connection() as connection:
        known = await connection.fetchval("SELECT 1 FROM agency WHERE code = $1", wanted.agency)
        if wanted.agency is not None and not known:
            raise UserError(
                f"{wanted.agency}: no recorded agency has this code; see the registry "
                "(agencies.registry), or leave --agency out"
            )
        rows = await connection.fetch(
            sql("list_freemail"),
            wanted.agency, wanted.first_day, wanted.last_day, wanted.way, wanted.limit,
        )  # fmt: skip
        found = [_record(row) for row in rows]
        if opening is None:
            return [(each, None) for each in found]
        sealer, actor, reason = opening
        await _note(connection, actor, reason, [each.message_uid for each in found])
    return [
        (
            each,
            Opened(
                sealer.open(row["sealed_sender"], "sender"),
                sealer.open(row["sealed_subject"], "subject"),
            ),
        )
        for each, row in zip(found, rows, strict=True)
    ]


async def _note(connection: Connection, actor: str, reason: str, messages: Sequence[UUID]) -> None:
    async with connection.transaction():
        for uid in dict.fromkeys(messages):
            await audit.note(connection, actor, "reveal", str(uid), reason)


def _record(row: asyncpg.Record) -> FreemailRecord:
    values = {name: row[name] for name in FreemailRecord.__dataclass_fields__}
    lists = {name: tuple(row[name] or ()) for name in ("ways", "documents")}
    return FreemailRecord(**(values | lists | {"agency": row["agency"] or None}))
