"""The side tasks that compute what is shown: figures, register matches, accounts, targets.

No mail depends on them: what fails is tried again, and what was shown stays until then.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from monitor import clock
from monitor.errors import DatabaseUnavailable
from monitor.expose import Metrics, Readiness
from monitor.expose.adoption import Shown, rendered
from monitor.expose.axis import rendered_axis
from monitor.expose.coverage import rendered_coverage
from monitor.expose.targets import rendered_targets
from monitor.lifecycle import SideTaskFailed, place
from monitor.measure import AccountFigures, AccountMeasure, Figure, Measure
from monitor.measure.axis import axis_deliveries
from monitor.measure.coverage import compared
from monitor.measure.plan import PlanFile
from monitor.measure.progress import progress
from monitor.measure.stored import stored
from monitor.observe import Observer
from monitor.record import Database
from monitor.register.matching import match
from monitor.settings import Settings


FIRST_SCRAPE_SECONDS = 5.0
"""Since the start, in which a scrape waits for figures: every agency would seem gone without them,
and alerts about them with it."""


class Measuring:
    """Computes again and again once there is a database; `rendered` is the last of it."""

    def __init__(
        self, settings: Settings, readiness: Readiness, metrics: Metrics, observer: Observer
    ) -> None:
        """Raises UserError when the plan of targets cannot be used."""
        self._settings = settings
        self._readiness = readiness
        self._metrics = metrics
        self._observer = observer
        self.plan = PlanFile(settings.measure.targets)
        self._accounts = AccountFigures((), ())
        self._figures = b""
        self._targets = b""
        self._deliveries = b""
        self._compared = b""
        self._database: Database | None = None
        self._connected = asyncio.Event()
        self._first = asyncio.Event()
        self._scrapes_wait_until = time.monotonic() + FIRST_SCRAPE_SECONDS

    def connect(self, database: Database) -> None:
        """From here on there is something to measure."""
        self._database = database
        self._connected.set()

    async def settled(self) -> None:
        """Wait, just after a start and a few seconds at most, for the first figures."""
        left = self._scrapes_wait_until - time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left)):
                await self._first.wait()

    def rendered(self) -> bytes:
        """The adoption gauges in the text format of Prometheus."""
        return self._figures + self._targets + self._deliveries + self._compared

    async def keep_figures(self) -> None:
        """Compute the indicators again and again; a database that is away makes them stale."""
        database = await self._wait()
        await self._restore(database)
        while True:
            try:
                await self._refresh(database)
                self._metrics.measure_last_success.set_to_current_time()
                self._readiness.ready("measure")
            except Exception as error:  # noqa: BLE001 - figures wait, intake does not
                self._readiness.waiting("measure", "the database is away")
                self._tell("measure", error)
            await asyncio.sleep(self._settings.measure.interval_seconds)

    async def keep_matches(self) -> None:
        """Let entries of registers and captured files meet, whichever came later."""
        database = await self._wait()
        while True:
            try:
                await match(database)
            except Exception as error:  # noqa: BLE001 - tried again; the others go on
                self._tell("register match", error)
            await asyncio.sleep(self._settings.measure.interval_seconds)

    async def keep_deliveries(self) -> None:
        """Follow what becomes of documents on the exchange axis."""
        database = await self._wait()
        while True:
            try:
                self._deliveries = await self._delivered(database)
            except Exception as error:  # noqa: BLE001 - tried again; the others go on
                self._tell("axis deliveries", error)
            await asyncio.sleep(self._settings.measure.interval_seconds)

    async def _delivered(self, database: Database) -> bytes:
        today = clock.vietnam_day(clock.now())
        async with database.connection() as connection:
            found = await axis_deliveries(
                connection, today, self._settings.measure.receive_within_days
            )
        return await asyncio.to_thread(rendered_axis, found)

    async def keep_accounts(self) -> None:
        """Look at all accounts and at coverage, every few minutes and when a day begins."""
        database = await self._wait()
        accounts = AccountMeasure(database, self._settings.accounts)
        while True:
            try:
                await Measure(database).refresh_coverage()
                found = await compared(database, clock.vietnam_day(clock.now()))
                self._compared = rendered_coverage(found)
                self._accounts = await accounts.refresh() or self._accounts
                self._metrics.accounts_last_success.set_to_current_time()
            except Exception as error:  # noqa: BLE001 - tried again; the others go on
                self._tell("accounts", error)
            await asyncio.sleep(self._until_accounts())

    async def _wait(self) -> Database:
        while self._database is None:
            await self._connected.wait()
        return self._database

    async def _restore(self, database: Database) -> None:
        """Show what was computed last, as far as it is of today, until it is computed anew."""
        try:
            async with database.connection() as connection:
                found, self._accounts = await stored(connection, clock.vietnam_day(clock.now()))
            await self._show(found)
        except Exception as error:  # noqa: BLE001 - they are computed anew at once
            self._tell("measure", error)

    async def _refresh(self, database: Database) -> None:
        until = self._settings.measure.dispatch_until
        figures = await Measure(database, dispatch_until=until).refresh()
        await self._show(figures)
        await self._assess_targets(database)

    async def _show(self, figures: Sequence[Figure]) -> None:
        shown = Shown(
            [*figures, *self._accounts.figures],
            self._accounts.counts,
            most_agencies=self._settings.measure.agency_series,
        )
        self._figures = await asyncio.to_thread(rendered, shown)
        self._metrics.expect(figures)
        self._first.set()

    async def _assess_targets(self, database: Database) -> None:
        """Set the plan's targets beside the figures of this moment."""
        if self.plan.plan.targets or self._targets:
            async with database.connection() as connection:
                today = clock.vietnam_day(clock.now())
                found = await progress(connection, self.plan.plan, today)
            self._targets = await asyncio.to_thread(rendered_targets, found)

    def _until_accounts(self) -> float:
        """Seconds to the next look: the interval's, or sooner where a Vietnam day begins."""
        now = clock.now()
        _, tomorrow = clock.day_bounds(clock.vietnam_day(now))
        left = (tomorrow - now).total_seconds() + 1
        return min(self._settings.measure.accounts_interval_seconds, left)

    def _tell(self, part: str, error: Exception) -> None:
        if not isinstance(error, DatabaseUnavailable):
            self._observer.emit(SideTaskFailed(part, type(error).__name__, place(error)))
