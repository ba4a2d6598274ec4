"""Certificates of agencies' signers that are about to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.measure.statements import joined
from monitor.record.connection import Connection

TIMEOUT_SECONDS = 300.0
LOCK = 0x63657274_696669
"""Of "certifi": nodes that share a database count one after the other."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """How many certificates of an agency end within so many days; each is in every longer span."""

    agency: str
    within: int
    """Days: 7, 30 or 90."""
    certificates: int


async def expiring(connection: Connection, today: date) -> Sequence[Expiring]:
    """Of certificates that signed validly for their agency in the last 90 days, were not replaced
    by the same signer and have not ended; stored for dashboards as well (`certificate_use`).

    An agency of which no certificate is known is absent. Raises what asyncpg raises.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL jit = off; SET LOCAL work_mem = '32MB'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        rows = await connection.fetch(
            joined("certificates_ending", "certificate_use"), today, timeout=TIMEOUT_SECONDS
        )
    return [Expiring(row["agency"], row["within"], row["certificates"]) for row in rows]
