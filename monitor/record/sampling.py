"""The one shared, time-stamped record of the verification rate, and who has a backlog.

Rows are only ever added, each a little before it comes into force: every node reads it before
then, and all switch at one instant. One writer at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from monitor.model import Channel
from monitor.record.connection import Connection
from monitor.record.statements import sql

LOCK = 0x7261_7465
ALL = "all"
"""Stratum of every channel that has no rate of its own."""


@dataclass(frozen=True, slots=True)
class SetRate:
    """From an instant on a rate is in force."""

    stratum: str
    """A channel, or `all`."""
    from_at: datetime
    rate: float | None
    """None of a channel: that of `all` again."""
    by_hand: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Stand:
    """How the backlog of one node stands."""

    oldest_seconds: float
    """Age of the oldest item that is not recorded."""
    behind: bool
    """Too old, and growing."""
    drained: bool


def newest(rows: Iterable[SetRate], stratum: str, at: datetime) -> SetRate | None:
    """What is in force for a stratum at an instant."""
    held = [row for row in rows if row.stratum == stratum and row.from_at <= at]
    return max(held, key=lambda row: row.from_at, default=None)


def in_force(rows: Sequence[SetRate], channel: Channel, at: datetime) -> float:
    """The rate of a channel: its own, else that of `all`."""
    for stratum in (channel.value, ALL):
        found = newest(rows, stratum, at)
        if found and found.rate is not None:
            return found.rate
    return 1.0


async def read(connection: Connection) -> tuple[SetRate, ...]:
    """What is in force, what comes, and what was in force within the last hour."""
    rows = await connection.fetch(sql("read_sampling_rates"))
    return tuple(SetRate(**dict(row)) for row in rows)


async def history(connection: Connection, limit: int) -> list[SetRate]:
    """The newest changes, newest first."""
    rows = await connection.fetch(
        "SELECT stratum, greatest(from_at, 'epoch') AS from_at, rate, by_hand, reason"
        " FROM sampling_rate s ORDER BY s.from_at DESC, stratum LIMIT $1",
        limit,
    )
    return [SetRate(**dict(row)) for row in rows]


async def write(
    connection: Connection, stratum: str, rate: float | None, lead_seconds: float, *,
    by_hand: bool, reason: str,
) -> datetime:  # fmt: skip
    """Add a change that comes into force after the lead, and after all that is there; gives when.

    Inside the caller's transaction, which has called `alone`.
    """
    at: datetime = await connection.fetchval(
        sql("write_sampling_rate"), stratum, rate, lead_seconds, by_hand, reason
    )
    return at


async def alone(connection: Connection) -> None:
    """Wait until nobody else is deciding on rates; until the end of the transaction nobody does."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def report(
    connection: Connection, node: UUID, stand: Stand, seen_seconds: float
) -> tuple[list[Stand], datetime]:
    """Say how a node stands; gives all that were seen lately, and the server's time."""
    rows = await connection.fetch(
        sql("report_sampling_node"), node, stand.oldest_seconds, stand.behind, stand.drained
    )
    now: datetime = rows[0]["now"]
    lately = (row for row in rows if (now - row["seen_at"]).total_seconds() <= seen_seconds)
    return [Stand(row["oldest_seconds"], row["behind"], row["drained"]) for row in lately], now
