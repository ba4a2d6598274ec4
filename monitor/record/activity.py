"""On which days addresses are active, written inside the caller's transaction.

Every statement takes its rows in key order and all writers run them in one order (months, last
days, gateway messages), so that writers who meet wait for each other and never deadlock. Saying
the same again changes nothing.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from monitor.errors import UserError
from monitor.model import ActivityKind
from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.record.statements import sql

KIND_BIT: Mapping[ActivityKind, int] = {kind: 1 << index for index, kind in enumerate(ActivityKind)}
"""Kinds as bits of one number, as ActivityFact.kinds has them."""
MOST_SOURCES = 31
"""activity_month.sources has one bit for each."""
INTAKE = 0
"""The source that captured mail is: its number is given by the migration."""
SOURCES_LOCK = 0x736F7572_636573
"""Of "sources": two new ones never take the same number."""


class ActivityFact(NamedTuple):
    """An address was active on a Vietnam day, in the kinds of `KIND_BIT`."""

    address_id: int
    day: date
    kinds: int


class GatewayRow(NamedTuple):
    """A message that an agency's people sent, as a gateway's log has it."""

    message_ref: int
    day: date
    agency_id: int


async def source_id(connection: Connection, name: str) -> int:
    """The number of whoever says so (a log's name, the intake), given on first use.

    Raises UserError when all numbers are given.
    """
    found = "SELECT source_id FROM activity_source WHERE name = $1"
    known: int | None = await connection.fetchval(found, name)
    if known is not None:
        return known
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", SOURCES_LOCK)
        added: int | None = await connection.fetchval(sql("add_activity_source"), name)
    if added is None:
        raise UserError(
            f"log {name}: {MOST_SOURCES} sources of activity are known already, which is all there "
            "can be: give a log the name of one that is not read any more"
        )
    return added


async def write_activity(
    connection: Connection, facts: Collection[ActivityFact], source: int
) -> None:
    """Note active days; `source` is a number of `source_id`.

    The partitions of the days' months must be there (Database.ensure_partitions).
    """
    if facts:
        addresses, days, kinds = columns(facts)
        await connection.execute(sql("write_activity_months"), addresses, days, kinds, 1 << source)
        await connection.execute(sql("write_address_activity"), addresses, days, kinds)


async def write_gateway_messages(connection: Connection, rows: Collection[GatewayRow]) -> None:
    """Note what a gateway sent on; the first that is said of a message on a day stands."""
    if rows:
        await connection.execute(sql("write_gateway_messages"), *columns(rows))
