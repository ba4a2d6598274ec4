"""The only wiring: starts every part, supervises them, and stops them in one fixed order.

Stop order: intake (nothing new is accepted, open DATA phases finish), folders, the flow drains
what the spool holds within the grace period, children, spool, database, HTTP. A part that fails
stops the daemon with status 1; systemd starts it again and the spool has kept everything.
"""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Coroutine, Iterable
from datetime import date

import uvloop
from prometheus_client.core import Metric

from monitor import __version__, clock
from monitor.activity.folding import Folding
from monitor.activity.formats import reader
from monitor.activity.logs import Logs
from monitor.agencies import Registry
from monitor.calendar import Exceptional, WorkingCalendar
from monitor.collect import MailIntake
from monitor.domain_watch import DomainWatch
from monitor.errors import DatabaseUnavailable, PermanentError, TemporaryError, UserError
from monitor.expose import HttpSurface, Metrics, Readiness
from monitor.expose.pipeline import (
    SourceReadings,
    expected,
    parts,
    spool_readings,
    trust_expiry,
)
from monitor.expose.readings import (
    Readings,
    agency_info,
    sampling_rate,
    trust_data,
    working_time,
)
from monitor.fetch.fetcher import Fetcher
from monitor.flow import Flow
from monitor.isolate.pool import Pool
from monitor.judging import Judging
from monitor.knowledge import Knowledge
from monitor.lifecycle import (
    DaemonFailed,
    DaemonStarted,
    DaemonStopped,
    DaemonStopping,
    PartFailed,
    ReloadRefused,
    SideTaskFailed,
    cancelled,
    first,
    place,
)
from monitor.measuring import Measuring
from monitor.model import Limits
from monitor.observe import Observer, configure_logging
from monitor.privacy.upkeep import keep_up
from monitor.record import (
    Database,
    EmbeddedPostgres,
    Mode,
    Recorder,
    Rejudging,
    Sealer,
)
from monitor.record.key_use import KeysBusy, keys_in_use, watch
from monitor.record.last_heard import last_heard
from monitor.record.late import LateRecorder
from monitor.reporting import Reporting
from monitor.sampling import Sampling
from monitor.settings import Settings
from monitor.sources import Sources
from monitor.spool import Spool
from monitor.working_time import WorkingTime

RELOAD_SECONDS = 10.0
PRIVACY_SECONDS = 600.0
"""Between two looks whether the nightly upkeep is due."""
BACKLOG_SECONDS = 10.0
"""An item that waits longer in the spool has all children and the database for itself."""

RECORDED_SECONDS = 600.0
"""What waits longer is a backlog: no period is closed before it is recorded."""

Beside = Callable[[], Coroutine[None, None, None]]
StartPart = Callable[[str, Coroutine[None, None, None]], asyncio.Task[None]]


class Daemon:
    """One daemon on one configuration."""

    def __init__(self, settings: Settings, mode: Mode = Mode.REAL) -> None:
        self._settings = settings
        self._mode = mode
        self.observer = self._observer = Observer()
        self._metrics = Metrics(self._observer.registry)
        self.readiness = self._readiness = Readiness(
            ("database", "spool", "children", "intake", "measure")
        )
        self._measuring = Measuring(settings, self._readiness, self._metrics, self._observer)
        self._reporting = Reporting(
            settings, self._metrics, self._observer, lambda: self._measuring.plan.plan,
            self._is_recorded,
        )  # fmt: skip
        self._http = HttpSurface(
            settings.http, self._observer.registry, self._readiness, self._rendered,
            self._measuring.settled,
        )  # fmt: skip
        self._knowledge = Knowledge(settings)
        self._domains = DomainWatch(settings, self._knowledge, self._metrics, self._observer)
        self._judging = Judging(
            settings, mode, self._knowledge, self._metrics, self._observer, self._overdue
        )
        self._agencies_synced: tuple[Registry, date] | None = None
        self._recorder = LateRecorder()
        self._logs = Logs(
            Folding(self._knowledge.agency_of, settings.accounts.system, clock.now),
            reader,
            self._metrics,
            lambda name, remark: self._readiness.remark(f"log {name}", remark),
            self._observer,
            clock.now,
        )
        self._database: Database | None = None
        self._embedded: EmbeddedPostgres | None = None
        self._spool: Spool
        self._pool: Pool
        self._sampling: Sampling
        self._flow: Flow
        self._intake: MailIntake | None = None
        self._reload = asyncio.Event()
        self._stop = asyncio.Event()
        self._started = clock.now()
        calendar = WorkingCalendar(settings.calendar, clock.vietnam_day(self._started).year)
        self._working = WorkingTime(calendar.is_working, settings.calendar.hours)

    @property
    def waiting_items(self) -> int:
        """Items that are durable and not recorded yet; only once it is ready."""
        return self._spool.stats().items

    # -- running ------------------------------------------------------------------------------

    def run_until_signalled(self, beside: Beside | None = None) -> int:
        """Run until SIGTERM or SIGINT, with `beside` (the demo's feeder); the exit status.

        Raises PermanentError for what the operator has to change before it can start.
        """
        configure_logging(self._settings.log.level, self._settings.log.format)
        gc.collect()
        gc.freeze()  # what is loaded stays: to look for garbage in it again holds up every part
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(self.run(beside))

    async def run(self, beside: Beside | None = None) -> int:
        """Run every part, and `beside` once they are started."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        try:
            async with asyncio.TaskGroup() as group:
                await self._run_parts(group, beside)
        except BaseExceptionGroup as failures:
            # Every part has reported its own failure; a mistake of the operator's comes first.
            if mistake := first(failures, PermanentError):
                raise mistake from None
            if not first(failures, Exception):
                raise
            self._observer.emit(DaemonFailed(type(first(failures, Exception)).__name__))
            return 1
        return 0

    async def _run_parts(self, group: asyncio.TaskGroup, beside: Beside | None) -> None:
        tasks: list[asyncio.Task[None]] = []

        def part(name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
            task = group.create_task(self._supervise(name, work), name=name)
            tasks.append(task)
            return task

        try:
            await self._http.start()
            await self._start_spool(part)
            await self._start_children()
            part("database", self._keep_database())
            part("sampling", self._sampling.keep())
            flow = part("flow", self._flow.run())
            await self._start_intake(part)
            for log in self._settings.logs:
                part(f"log {log.name}", self._logs.follow(log))
            for name, work in {**self._measuring.tasks(), **self._domains.tasks()}.items():
                part(name, work)
            part("revalidate", self._judging.run())
            part("privacy", self._keep_privacy())
            part("reports", self._reporting.run())
            part("reload", self._keep_reloading())
            part("fetch", self._fetcher().run())
            part("readiness", self._keep_readiness())
            Readings(
                self._observer.registry,
                (self._spool_readings, self._source_readings, self._agency_readings),
            )
            self._observer.emit(
                DaemonStarted(
                    __version__, self._http.port, self._intake.port if self._intake else None
                )
            )
            if beside:
                part("beside", beside())
            await self._stop.wait()
            await self._stop_in_order(flow, tasks)
        finally:
            # The spool and the database server go last: the others still use them.
            await cancelled(t for t in tasks if t.get_name() not in {"database", "spool"})
            await self._release()
            await cancelled(tasks)

    async def _supervise(self, name: str, work: Coroutine[None, None, None]) -> None:
        """A part that ends by an error says so before it takes the daemon down."""
        try:
            await work
        except PermanentError:
            raise
        except Exception as error:
            plain = error
            if isinstance(error, BaseExceptionGroup):
                plain = first(error, Exception) or error
            self._observer.emit(PartFailed(name, type(plain).__name__, place(plain)))
            raise

    # -- starting -----------------------------------------------------------------------------

    async def _start_spool(self, part: StartPart) -> None:
        # Enterable, not readable: the database server runs as another account when root starts us.
        self._settings.state_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._spool = await asyncio.to_thread(
            Spool.open, self._settings.state_dir / "spool", self._settings.spool, self._observer
        )
        part("spool", self._spool.run())
        self._readiness.ready("spool")

    async def _start_children(self) -> None:
        verify = self._settings.verify
        self._pool = Pool(
            children=verify.children,
            material=self._judging.material(),
            limits=Limits(),
            isolation=verify.isolation,
            timeout_seconds=verify.timeout_seconds,
            memory_bytes=verify.memory_bytes,
            items_per_child=verify.items_per_child,
            observer=self._observer,
            durations=self._metrics.verified,
        )
        await self._pool.start()
        self._sampling = Sampling(
            self._pool, self._settings.sampling, self._backlog, self._observer, clock.now
        )
        self._flow = self._make_flow()
        await self._judging.start(self._pool)
        self._readiness.ready("children")

    def _fetcher(self) -> Fetcher:
        return Fetcher(self._settings, lambda: self._judging.loaded, self._observer, clock.now)

    def _backlog(self) -> tuple[float, bool]:
        """Age of the oldest waiting item, and whether recording is what it waits for."""
        return self._spool.stats().oldest_age_seconds or 0.0, self._flow.recording_waits

    def _overdue(self) -> bool:
        """An item waits so long that nothing else is to be judged."""
        return self._backlog()[0] > BACKLOG_SECONDS

    def _is_recorded(self) -> bool:
        """Nothing captured waits any longer than usual for the record: periods may be closed."""
        return self._backlog()[0] < RECORDED_SECONDS

    def _make_flow(self) -> Flow:
        return Flow(
            self._spool,
            self._sampling,
            self._recorder,
            self._knowledge.attribute,
            self._metrics.decided,
            self._observer,
            self._settings.database,
            workers=self._pool.capacity,
            clock=clock.now,
            trust=lambda: self._judging.in_force.whole,
            origins=self._domains.origins,
        )

    async def _start_intake(self, part: StartPart) -> None:
        settings = self._settings
        if settings.smtp.enabled and settings.mail_sources:
            self._intake = MailIntake(
                settings.smtp, settings.mail_sources, self._spool.append, self._observer, clock.now
            )
            try:
                await self._intake.start()
            except OSError as error:
                where = f"{settings.smtp.host}:{settings.smtp.port}"
                raise UserError(
                    f"smtp: cannot listen on {where}: {error.strerror or error}; set smtp.port"
                ) from None
            part("intake", self._intake.wait())
        sources = Sources(
            settings, self._spool.append, lambda: self._database, self._metrics.looked,
            self._observer, clock.now,
        )  # fmt: skip
        for name, work in sources.parts():
            part(name, work)
        self._readiness.ready("intake")

    # -- keeping ------------------------------------------------------------------------------

    async def _keep_database(self) -> None:
        """Start the embedded server, connect, and stay: a server that is away is waited for."""
        dsn = self._settings.database.dsn
        if dsn:
            await self._connect(dsn.get_secret_value())
            return
        self._embedded = EmbeddedPostgres(
            self._settings.state_dir, self._observer, self._settings.user,
            viewer_settings=self._settings.viewer,
        )  # fmt: skip
        await self._embedded.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._embedded.run(), name="postgres")
            group.create_task(self._connect(self._embedded.dsn), name="connect")

    async def _connect(self, dsn: str) -> None:
        pause = 0.2
        while self._database is None:
            try:
                self._database = await Database.open(
                    dsn, self._mode, self._settings.database, self._observer
                )
            except DatabaseUnavailable:
                self._readiness.waiting("database", "not reachable; items wait in the spool")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
        await self._keep_keys(dsn, self._database)

    async def _keep_keys(self, dsn: str, database: Database) -> None:
        """Hold the keys as long as the daemon runs: none is changed under its hands."""
        held: str | None = None
        while True:
            try:
                async with keys_in_use(dsn, self._settings.state_dir) as session:
                    fingerprint = Sealer.load(self._settings.state_dir).fingerprint
                    if held is None:
                        await self._prepare_database(database)
                    elif held != fingerprint:
                        raise TemporaryError("the sealing key was changed: to be started again")
                    held = fingerprint
                    await watch(session)
            except (KeysBusy, DatabaseUnavailable) as error:
                self._readiness.waiting("database", str(error))
            await asyncio.sleep(1.0)

    async def _prepare_database(self, database: Database) -> None:
        pause = 0.2
        rejudging = Rejudging(database, self._settings.state_dir)
        while True:
            try:
                await self._sync_agencies(database)
                await database.sync_calendar(self._calendar())
                await rejudging.trust(*self._judging.in_force)
                await self._remember_sources(database)
                break
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
        self._judging.connect(rejudging)
        self._recorder.recorder = Recorder(database, self._settings.state_dir)
        self._sampling.connect(database, Sealer.load(self._settings.state_dir))
        self._measuring.connect(database)
        self._reporting.connect(database)
        self._domains.connect(database)
        self._logs.connect(database, Sealer.load(self._settings.state_dir))
        self._readiness.ready("database")

    async def _remember_sources(self, database: Database) -> None:
        """A source that was silent before the start is silent since then, not since the start."""
        logs = [log.name for log in self._settings.logs]
        known = await last_heard(database, logs, clock.vietnam_day(clock.now()))
        heard = self._metrics.last_heard()
        for each in expected(self._settings):
            if each.source in known and each.source not in heard:
                self._metrics.heard(each.source, known[each.source])

    def _calendar(self) -> Iterable[Exceptional]:
        """The days off and days worked in exchange, as far as they are known today."""
        year = clock.vietnam_day(clock.now()).year
        return WorkingCalendar(self._settings.calendar, year).exceptions()

    async def _keep_privacy(self) -> None:
        """Retention and erasure every night, as the settings say."""
        settings = self._settings
        while True:
            await asyncio.sleep(PRIVACY_SECONDS)
            if self._recorder.recorder and self._database:
                try:
                    if await keep_up(self._database, settings, clock.now()):
                        self._metrics.privacy_last_success.set_to_current_time()
                except DatabaseUnavailable:
                    continue
                except Exception as error:  # noqa: BLE001 - tried again; no mail depends on it
                    self._observer.emit(
                        SideTaskFailed("privacy", type(error).__name__, place(error))
                    )

    async def _keep_readiness(self) -> None:
        """The database is asked every few seconds: a silent loss must show on /readyz."""
        while True:
            await asyncio.sleep(2.0)
            if self._database and self._recorder.recorder:
                try:
                    await self._database.ping()
                    await self._database.ensure_ahead(clock.vietnam_day(clock.now()))
                    self._readiness.ready("database")
                except Exception as error:  # noqa: BLE001 - asked again in two seconds
                    self._put_off("database", error, "not reachable; items wait in the spool")
            if self._pool.ready:
                self._readiness.ready("children")
            else:
                self._readiness.waiting("children", "no child takes work; see the log")

    def _put_off(self, part: str, error: Exception, why: str) -> None:
        """A side task failed for now: said in readiness, and in the log if nobody expected it."""
        self._readiness.waiting(part, why)
        if not isinstance(error, DatabaseUnavailable):
            self._observer.emit(SideTaskFailed(part, type(error).__name__, place(error)))

    async def _keep_reloading(self) -> None:
        """Take over changed files: trust folders and the registry, every few seconds or at HUP."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RELOAD_SECONDS):
                    await self._reload.wait()
            self._reload.clear()
            await self._reload_registry()
            await self._reload_plan()
            await self._judging.reload()

    async def _reload_registry(self) -> None:
        try:
            await asyncio.to_thread(self._knowledge.reload)
            if self._database:
                await self._sync_agencies(self._database)
        except (UserError, OSError, DatabaseUnavailable) as error:
            self._observer.emit(ReloadRefused("registry", str(error)))

    async def _reload_plan(self) -> None:
        try:
            await asyncio.to_thread(self._measuring.plan.reload)
        except (UserError, OSError) as error:
            self._observer.emit(ReloadRefused("targets", str(error)))

    async def _sync_agencies(self, database: Database) -> None:
        """Bring the registry into the database: when it changed, and on every new day."""
        registry, today = self._knowledge.registry, clock.vietnam_day(clock.now())
        if self._agencies_synced != (registry, today):
            await database.sync_agencies(registry.agencies, today)
            self._agencies_synced = (registry, today)
            self._metrics.agencies_known(registry.at(today).agencies)

    # -- stopping -----------------------------------------------------------------------------

    async def _stop_in_order(
        self, flow: asyncio.Task[None], tasks: list[asyncio.Task[None]]
    ) -> None:
        grace = self._settings.shutdown_grace_seconds
        deadline = asyncio.get_running_loop().time() + grace
        self._observer.emit(DaemonStopping(self._spool.stats().items))
        if self._intake:
            await self._intake.stop(grace / 2)
        await cancelled(
            t for t in tasks if t.get_name().startswith(("source", "log", "beside", "reval"))
        )
        while self._spool.stats().items and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await cancelled([flow])
        left = self._spool.stats().items
        await self._pool.stop()
        await self._spool.close()
        await cancelled(t for t in tasks if t.get_name() not in {"database", "spool"})
        self._observer.emit(DaemonStopped(left))

    async def _release(self) -> None:
        """Give back what an orderly stop has given back already, in the same order."""
        if hasattr(self, "_pool"):
            await self._pool.stop()
        if hasattr(self, "_spool"):
            await self._spool.close()
        await self._logs.stop()
        if self._database:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(5):
                    await self._database.close()
        if self._embedded:
            await self._embedded.stop()
        await self._http.stop()

    # -- what a scrape reads ------------------------------------------------------------------

    def _rendered(self) -> bytes:
        return self._measuring.rendered() + self._domains.rendered()

    def _spool_readings(self) -> Iterable[Metric]:
        yield from spool_readings(self._spool.stats(), self._settings.spool)
        yield from parts(self._readiness)
        yield from sampling_rate(self._sampling.lowest)
        yield from trust_data(self._judging.loaded, clock.now())
        yield from trust_expiry(self._judging.loaded, clock.now())

    def _source_readings(self) -> Iterable[Metric]:
        yield from SourceReadings(
            expected(self._settings),
            self._working,
            self._metrics.last_heard(),
            self._metrics.last_looked(),
            self._started,
            clock.now(),
        ).metrics()

    def _agency_readings(self) -> Iterable[Metric]:
        yield from agency_info(self._knowledge.registry, clock.vietnam_day(clock.now()))
        yield from working_time(self._working, clock.now())
