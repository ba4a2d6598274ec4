"""`congvu sampling`: the shared record of the verification rate."""

import asyncio
import sys
from dataclasses import asdict
from datetime import datetime

from monitor import clock
from monitor.clock import VIETNAM
from monitor.commands.tables import show as show_table
from monitor.commands.tables import table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.model import Channel
from monitor.observe import Observer, configure_logging
from monitor.record import attached, audit, sampling
from monitor.record.sampling import ALL, SetRate
from monitor.sampling.rates import LEAD_SECONDS
from monitor.settings import Settings

LEAST = 0.01
ALWAYS = 1970
"""What is in force since this year was in force from the beginning."""


def show(changes: int, as_json: bool, settings: Settings) -> int:
    """Print the rate in force and the newest changes."""
    configure_logging("error", "console")

    async def ask() -> tuple[tuple[SetRate, ...], list[SetRate]]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            return await sampling.read(connection), await sampling.history(connection, changes)

    known, rows = asyncio.run(ask())
    now = clock.now()
    rates = {channel.value: sampling.in_force(known, channel, now) for channel in Channel}
    if as_json:
        listed = [asdict(row) | {"from_at": row.from_at.isoformat()} for row in rows]
        print_json({"in_force": rates, "changes": listed})
        return 0
    for channel, rate in rates.items():
        sys.stdout.write(f"{channel:<8}{rate:g}{'' if rate < 1 else '  (everything)'}\n")
    made = table("from", "of", "rate", "by", "why", keep=("from", "rate"))
    for row in rows:
        by = "operator" if row.by_hand else "congvu"
        made.add_row(_when(row.from_at, now), row.stratum, _rate(row), by, safe(row.reason))
    show_table(made)
    return 0


def set_rate(rate: str, channel: Channel | None, reason: str, settings: Settings) -> int:
    """Add a rate to the shared record; noted in the audit log. Raises UserError."""
    configure_logging("error", "console")
    wanted = _parsed(rate, channel)
    stratum = channel.value if channel else ALL

    async def change() -> datetime:
        async with (
            attached(settings, Observer()) as database,
            database.connection() as connection,
            connection.transaction(),
        ):
            await sampling.alone(connection)
            subject = f"{stratum} {rate}"
            await audit.note(connection, audit.operator(), "sampling", subject, reason)
            return await sampling.write(
                connection, stratum, wanted, LEAD_SECONDS, by_hand=True, reason=reason
            )

    at = asyncio.run(change()).astimezone(VIETNAM)
    sys.stdout.write(f"{stratum}: {rate} from {at:%H:%M:%S} on\n")
    return 0


def _parsed(rate: str, channel: Channel | None) -> float | None:
    if rate == ALL and channel:
        return None
    try:
        number = float(rate)
    except ValueError:
        number = 0.0
    if LEAST <= number <= 1:
        return number
    more = "; `all` ends the rate of a --channel" if rate == ALL else ""
    raise UserError(f"{rate}: the rate is a number from {LEAST} to 1 (0.5 is every second){more}")


def _rate(row: SetRate) -> str:
    return "as all" if row.rate is None else f"{row.rate:g}"


def _when(at: datetime, now: datetime) -> str:
    if at.year <= ALWAYS:
        return "the beginning"
    soon = " (soon)" if at > now else ""
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S") + soon
