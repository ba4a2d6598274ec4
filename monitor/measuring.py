"""The side tasks that compute what is shown: figures, drops, register matches, accounts, targets.

No mail depends on them: what fails is tried again, and what was shown stays until then.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from datetime import date

from monitor import clock
from monitor.errors import DatabaseUnavailable
from monitor.expose import Metrics, Readiness
from monitor.expose.adoption import Shown, rendered
from monitor.expose.axis import rendered_axis
from monitor.expose.certificates import rendered_certificates
from monitor.expose.coverage import rendered_coverage
from monitor.expose.targets import rendered_targets
from monitor.lifecycle import SideTaskFailed, place
from monitor.measure import AccountFigures, AccountMeasure, Figure, Measure
from monitor.measure.axis import axis_deliveries
from monitor.measure.certificates import expiring
from monitor.measure.coverage import compared
from monitor.measure.drops import Drop, DropWatch
from monitor.measure.plan import PlanFile
from monitor.measure.progress import progress
from monitor.measure.shown import store_funnel, store_targets
from monitor.measure.stored import stored
from monitor.measure.windows import WindowName
from monitor.observe import Observer
from monitor.record import Database
from monitor.register.matching import match
from monitor.settings import Settings

STARTING_SECONDS = 60.0
"""Since the start, in which scrapes wait for figures: every agency would seem gone without them,
and alerts about them with it."""
SCRAPE_WAITS_SECONDS = 8.0
"""Each of them, at most: Prometheus gives a scrape up after ten (deploy/prometheus/congvu.yml)."""

Work = Callable[[Database], Awaitable[None]]


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
        self._computed: Sequence[Figure] = ()
        self._accounts = AccountFigures((), ())
        self._drops: Sequence[Drop] = ()
        self._watch: DropWatch | None = None
        self._given: Collection[str] = ()
        """Agencies that gauges are given out of: all, or of very many those that need a look."""
        self._pages: dict[str, bytes] = {}
        """Families in the text format, by what they are of."""
        self._database: Database | None = None
        self._connected = asyncio.Event()
        self._figures_known, self._drops_known = asyncio.Event(), asyncio.Event()
        self._started_by = time.monotonic() + STARTING_SECONDS

    def connect(self, database: Database) -> None:
        """From here on there is something to measure."""
        self._database = database
        self._connected.set()

    async def settled(self) -> None:
        """Wait, in the first minute and a few seconds at most, for the first figures."""
        if time.monotonic() > self._started_by:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SCRAPE_WAITS_SECONDS):
                await self._figures_known.wait()
                await self._drops_known.wait()

    def rendered(self) -> bytes:
        """The families that are made when they change, in the text format of Prometheus."""
        return b"".join(self._pages.values())

    def tasks(self) -> Mapping[str, Coroutine[None, None, None]]:
        """Everything that is computed again and again, by name."""
        often = self._settings.measure.interval_seconds
        return {
            "measure": self._keep_figures(),
            "drops": self._again("drops", self._watch_drops, self._until_look),
            "matches": self._again("register match", self._match, lambda: often),
            "deliveries": self._again("axis deliveries", self._follow_axis, lambda: often),
            "accounts": self._keep_accounts(),
            "certificates": self._again("certificates", self._look_at_certificates,
                                        self._until_look),
            "funnels": self._again("funnels", self._count_funnels, self._until_look),
        }  # fmt: skip

    # -- figures, targets, drops --------------------------------------------------------------

    async def _keep_figures(self) -> None:
        """A database that is away makes them stale, and the daemon not ready."""
        database = await self._wait()
        await self._try("measure", database, self._restore)
        while True:
            try:
                await self._refresh(database)
                self._metrics.measure_last_success.set_to_current_time()
                self._readiness.ready("measure")
            except Exception as error:  # noqa: BLE001 - figures wait, intake does not
                self._readiness.waiting("measure", "the database is away")
                self._tell("measure", error)
            await asyncio.sleep(self._settings.measure.interval_seconds)

    async def _restore(self, database: Database) -> None:
        """Show what was computed last, as far as it is of today, until it is computed anew."""
        async with database.connection() as connection:
            self._computed, self._accounts = await stored(connection, _today())
        if any(each.window == WindowName.WD5 for each in self._computed):
            await self._show()

    async def _refresh(self, database: Database) -> None:
        until = self._settings.measure.dispatch_until
        self._computed = await Measure(database, dispatch_until=until).refresh(shown=True)
        await self._show()
        await self._assess_targets(database)

    async def _show(self) -> None:
        shown = Shown(
            [*self._computed, *self._accounts.figures],
            self._accounts.counts,
            self._drops,
            self._settings.measure.agency_series,
        )
        found = await asyncio.to_thread(rendered, shown)
        self._pages["figures"], self._given = found.text, found.agencies
        await asyncio.to_thread(self._metrics.expect, self._computed)
        self._figures_known.set()

    async def _assess_targets(self, database: Database) -> None:
        """Set the plan's targets beside the figures of this moment."""
        if self.plan.plan.targets or self._pages.get("targets"):
            async with database.connection() as connection:
                found = await progress(connection, self.plan.plan, _today())
                await store_targets(connection, found)
            self._pages["targets"] = await asyncio.to_thread(rendered_targets, found)

    async def _watch_drops(self, database: Database) -> None:
        self._watch = self._watch or DropWatch(database, self._settings, clock.now)
        self._drops = await self._watch.refresh()
        await self._figures_known.wait()
        await self._show()
        self._drops_known.set()

    # -- the rest -----------------------------------------------------------------------------

    async def _match(self, database: Database) -> None:
        """Let entries of registers and captured files meet, whichever came later."""
        await match(database)

    async def _follow_axis(self, database: Database) -> None:
        """Follow what becomes of documents on the exchange axis."""
        within = self._settings.measure.receive_within_days
        async with database.connection() as connection:
            found = await axis_deliveries(connection, _today(), within)
        await self._figures_known.wait()
        found = [each for each in found if each.agency in self._given]
        self._pages["deliveries"] = await asyncio.to_thread(rendered_axis, found)

    async def _keep_accounts(self) -> None:
        """Look at all accounts and at coverage, every few minutes and when a day begins."""
        accounts = AccountMeasure(await self._wait(), self._settings.accounts, clock.now)

        async def look(database: Database) -> None:
            await Measure(database).refresh_coverage()
            found = await compared(database, _today())
            await self._figures_known.wait()
            found = [each for each in found if each.agency in self._given]
            self._pages["coverage"] = await asyncio.to_thread(rendered_coverage, found)
            self._accounts = await accounts.refresh() or self._accounts
            self._metrics.accounts_last_success.set_to_current_time()

        await self._again("accounts", look, self._until_look)

    async def _look_at_certificates(self, database: Database) -> None:
        """Which certificates of signers end soon."""
        async with database.connection() as connection:
            found = await expiring(connection, _today())
        self._pages["certificates"] = await asyncio.to_thread(rendered_certificates, found)

    async def _count_funnels(self, database: Database) -> None:
        """From the roster to valid signatures, of all agencies, for dashboards."""
        async with database.connection() as connection:
            await store_funnel(connection, _today())

    # -- again and again ------------------------------------------------------------------------

    async def _again(self, part: str, work: Work, pause: Callable[[], float]) -> None:
        database = await self._wait()
        while True:
            await self._try(part, database, work)
            await asyncio.sleep(pause())

    async def _try(self, part: str, database: Database, work: Work) -> None:
        try:
            await work(database)
        except Exception as error:  # noqa: BLE001 - tried again; the others go on
            self._tell(part, error)

    async def _wait(self) -> Database:
        while self._database is None:
            await self._connected.wait()
        return self._database

    def _until_look(self) -> float:
        """Seconds to the next look: the interval's, or sooner where a Vietnam day begins."""
        now = clock.now()
        _, tomorrow = clock.day_bounds(clock.vietnam_day(now))
        left = (tomorrow - now).total_seconds() + 1
        return min(self._settings.measure.accounts_interval_seconds, left)

    def _tell(self, part: str, error: Exception) -> None:
        if not isinstance(error, DatabaseUnavailable):
            self._observer.emit(SideTaskFailed(part, type(error).__name__, place(error)))


def _today() -> date:
    return clock.vietnam_day(clock.now())
