"""Indicators per agency, level and province, channel and window (DESIGN "Indicators")."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

import asyncpg

from monitor.clock import Clock, now, vietnam_day
from monitor.measure.coverage import refresh_coverage
from monitor.measure.indicators import CATALOGUE, LAST_MONTH, SHOWN_OF_AGENCIES
from monitor.measure.statements import sql
from monitor.model import Channel
from monitor.record import Database
from monitor.record.connection import Connection

STALE_ABOVE = 0.05
"""Undecided share past which a figure is `stale` (DESIGN "Indicators")."""
DISPATCH_UNTIL = time(12)
"""Quyết định 28/2018: the morning of the next working day (settings.measure.dispatch_until)."""
ROWS_AT_ONCE = 500
DAYS_AT_ONCE = 31
PLANNING = "SET LOCAL jit = off; SET LOCAL work_mem = '32MB'; SET LOCAL random_page_cost = 1.1"
"""Small days of large tables: looked up by their indexes, added up without the disk."""
WIDEST = 0.5
"""Width of an interval above which a sample says too little: `insufficient`."""
OF_REGISTERS = [each.id for each in CATALOGUE.values() if each.of_registers]
VERIFIED = [each.id for each in CATALOGUE.values() if each.sampled]
WITH_PROCESS = [each.id for each in CATALOGUE.values() if each.interval]
WITH_LAST_MONTH = [each.id for each in CATALOGUE.values() if LAST_MONTH in each.windows]
IN_CHANNELS = [
    (each.id, channel.value, Channel.MAIL not in each.channels and channel == each.channels[0])
    for each in CATALOGUE.values() if not each.of_accounts
    for channel in each.channels
]  # fmt: skip
"""What has no data says so: of mail always, of a channel in use, of one at least."""
DAYS_OF_WINDOWS = "SELECT DISTINCT day FROM figure_day ORDER BY day"
DAYS_OF_STRETCHES = "SELECT DISTINCT day FROM figure_alike ORDER BY day"
LOCK = 0x6D656173_757265
COVERAGE_LOCK = LOCK + 1
"""Of "measure": nodes that share a database compute one after the other."""
Made = TypeVar("Made")


class Scope(StrEnum):
    """Whose figure it is: one agency's, or a group's."""

    AGENCY = "agency"
    LEVEL = "level"
    PROVINCE = "province"


class State(StrEnum):
    """Whether a figure may be used; no data is never 0%."""

    OK = "ok"
    INSUFFICIENT = "insufficient"
    NO_DATA = "no_data"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Figure:
    """One numerator over one denominator, and how far to trust it."""

    indicator: str
    scope: Scope
    code: str
    """Agency code, name of the level, or `province`."""
    channel: str
    document_class: str
    """`formal` is the series of the indicator, `editable` stands beside it; empty for accounts."""
    window: str
    """`wd5`, `wd20_prior`, `30d`: complete days; `period`: the calendar month to date;
    `last_month`: the one before, of signing and of figures in which registers have a part."""
    first_day: date
    last_day: date
    numerator: int
    """At a census the count; of a sample its estimate, rounded."""
    denominator: int
    undecided: int
    """Units that could not be decided for our own lack of data: in neither."""
    ratio: float | None
    """None when the denominator is 0."""
    state: State
    undecided_share: float | None = None
    sample_fraction: float = 1.0
    low: float | None = None
    high: float | None = None
    """Finite-population interval, 95%: of what happened; None for rosters."""
    process_low: float | None = None
    process_high: float | None = None
    """Process interval, 95%: of the habit behind it; of the watched indicators alone."""
    checked: int | None = None
    """Units of the denominator that were verified; None where nothing is."""
    coverage: float | None = None
    role: str = ""
    """Of account figures: `leader`, `staff`, `mailbox`; empty is everyone."""
    base: str = ""
    """Of account figures: `provisioned` where the denominator is enabled accounts. Of figures that
    a register has a say in: `observed` counts only what captured files prove; empty is the
    register's word, corrected where a capture contradicts it."""


class Measure:
    """Computes all figures anew; what it gives is stored in the table `figure` as well."""

    def __init__(
        self,
        database: Database,
        clock: Clock = now,
        stale_above: float = STALE_ABOVE,
        minimum_units: int = 1,
        dispatch_until: time = DISPATCH_UNTIL,
    ) -> None:
        """`dispatch_until`: Vietnam time of the working day after a signature that is in time."""
        self._database = database
        self._clock = clock
        self._stale_above = stale_above
        self._minimum_units = minimum_units
        self._dispatch_until = dispatch_until

    async def refresh_coverage(self) -> None:
        """Compare anew what was captured with the gateway's log. Raises DatabaseUnavailable."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", COVERAGE_LOCK)
            await refresh_coverage(connection, vietnam_day(self._clock()))

    async def refresh(self, *, shown: bool = False) -> Sequence[Figure]:
        """All figures of this moment, or those alone that metrics show: a third, of thousands of
        agencies. Raises DatabaseUnavailable.
        """
        today = vietnam_day(self._clock())
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(PLANNING)
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await roll_up_changed(connection, self._dispatch_until)
            rows = await self.compute(connection, today, shown=shown)
        return await in_pieces(rows, figure_of)

    async def compute(
        self, connection: Connection, today: date, *, shown: bool = False
    ) -> list[asyncpg.Record]:
        """The figures of the facts as they are, stored, in the caller's transaction (`LOCK`)."""
        await connection.execute(sql("figure_tables"))
        await connection.execute(sql("figure_days"), today)
        await connection.execute(sql("figure_current"))
        await estimate(connection, today, self._stale_above, self._minimum_units)
        names, windows = zip(*SHOWN_OF_AGENCIES, strict=True)
        only = ([*names], [*windows]) if shown else (None, None)
        return await connection.fetch(sql("figures"), *only)


async def roll_up_changed(connection: Connection, dispatch_until: time) -> None:
    """Compute the facts of changed days anew, in the caller's transaction (`LOCK`)."""
    await connection.execute(sql("dispatch_rule"), dispatch_until)
    changed = await connection.fetch(sql("take_changed_days"))
    for start in range(0, len(changed), DAYS_AT_ONCE):
        days = [row["day"] for row in changed[start : start + DAYS_AT_ONCE]]
        await roll_up(connection, days, dispatch_until)


async def roll_up(connection: Connection, days: Sequence[date], dispatch_until: time) -> None:
    """Compute all facts of these days from what is recorded, in the caller's transaction."""
    await connection.execute(sql("forget_days"), days)
    await connection.execute(sql("roll_up_days"), days)
    await connection.execute(sql("roll_up_registers"), days)
    await connection.execute(sql("roll_up_dispatch"), days, dispatch_until)
    await connection.execute(sql("cover_registers"), days)
    await connection.execute(sql("roll_up_posture"), days)
    await connection.execute(sql("roll_up_freemail"), days)
    await connection.execute(sql("roll_up_quality"), days)
    await connection.execute(sql("roll_up_origin"), days)


async def estimate(
    connection: Connection,
    today: date,
    stale_above: float = STALE_ABOVE,
    minimum_units: int = 1,
) -> None:
    """Make figure_result of the facts of the days and agencies that figure_day, figure_window,
    figure_agency and figure_alike name (`figure_tables.sql`), in the caller's transaction.

    `today`: registers were to be given for the working days before it.
    """
    days = [row["day"] for row in await connection.fetch(DAYS_OF_WINDOWS)]
    alike = [row["day"] for row in await connection.fetch(DAYS_OF_STRETCHES)]
    await connection.execute(sql("figure_strata"), days, WITH_LAST_MONTH)
    await connection.execute(sql("figure_estimates"), VERIFIED)
    await connection.execute(sql("figure_agencies"), WITH_LAST_MONTH)
    await connection.execute(
        sql("figure_processes"), WITH_PROCESS, WITH_LAST_MONTH, sorted({*days, *alike})
    )
    # Nothing else tells the planner of temporary tables; else the last step takes three times.
    await connection.execute("ANALYZE figure_day, figure_agency, figure_estimate, figure_process")
    await connection.execute(
        sql("figure_results"), today, stale_above, minimum_units, OF_REGISTERS, WITH_LAST_MONTH,
        WIDEST, *map(list, zip(*IN_CHANNELS, strict=True)), days,
    )  # fmt: skip


async def in_pieces(
    rows: Sequence[asyncpg.Record], make: Callable[[asyncpg.Record], Made]
) -> list[Made]:
    """Make something of each row; thousands of them at once would stall the event loop."""
    made: list[Made] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        made.extend(map(make, rows[start : start + ROWS_AT_ONCE]))
        await asyncio.sleep(0)
    return made


def figure_of(row: asyncpg.Record) -> Figure:
    """A row of the table `figure`, or of the statement that fills it, which knows no roles."""
    return Figure(
        indicator=row["indicator"],
        scope=Scope(row["scope"]),
        code=row["code"],
        channel=row["channel"],
        document_class=row["document_class"],
        window=row["window_name"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        undecided=row["undecided"],
        ratio=row["ratio"],
        state=State(row["state"]),
        undecided_share=row["undecided_share"],
        sample_fraction=row["sample_fraction"],
        checked=row["checked"],
        low=row["low"],
        high=row["high"],
        process_low=row["process_low"],
        process_high=row["process_high"],
        coverage=row["coverage"],
        role=row.get("role", ""),
        base=row["base"],
    )
