"""How far documents on the exchange axis have come, for live panels (docs/axis.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.measure.statements import sql
from monitor.record.axis_settling import settle
from monitor.record.connection import Connection


@dataclass(frozen=True, slots=True)
class AxisDeliveries:
    """Deliveries of an agency's documents, or to it, that are in one state."""

    agency: str
    direction: str
    """`out`: it sent them; `in`: it is to take them up."""
    state: str
    """`sent`, `arrived`, `received` (taken up, not done), `done`, `rejected`, `recalled`, or
    `late`: not taken up in time. Each delivery is in exactly one."""
    deliveries: int


async def axis_deliveries(
    connection: Connection, today: date, within_days: int
) -> Sequence[AxisDeliveries]:
    """Of documents sent in the thirty complete Vietnam days before `today`.

    `within_days`: working days after the day of sending to take a document up (the setting
    measure.receive_within_days).
    """
    await settle(connection)
    rows = await connection.fetch(sql("axis_deliveries"), today, within_days)
    return [AxisDeliveries(**dict(row)) for row in rows]
