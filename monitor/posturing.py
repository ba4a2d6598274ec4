"""The side task that keeps mail domains and gateways under watch (docs/posture.md).

Domains that are due are looked at side by side, a bounded number at a time; the record says which
are due, so that of several daemons on one database each looks at its own. Gateways are looked at by
every daemon: each says how they answer where it stands. No mail depends on any of it: what fails is
told and tried again, and how a domain stands stays until then.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, Protocol

from prometheus_client.core import Metric

from monitor import clock
from monitor.agencies import Registry
from monitor.agencies.mail_domains import check_owners, mail_domains
from monitor.clock import Clock
from monitor.errors import DatabaseUnavailable
from monitor.expose.posture import gateway_metrics, question_metrics, rendered_posture
from monitor.expose.readings import Readings
from monitor.lifecycle import SideTaskFailed, first, place
from monitor.model import CheckStatus
from monitor.observe import Event, Level, Observer
from monitor.posture.desk import unanswered_gateway
from monitor.posture.model import DomainPosture, GatewayState, GatewayTarget, Official
from monitor.posture.wire import Statistics
from monitor.record import Database
from monitor.record import posture as record
from monitor.record.posture import Changed, Claimed
from monitor.record.posture_standing import NOTHING_YET, counts
from monitor.settings import GatewaySettings, Settings

AT_ONCE = 16
"""Domains under check at one time; each asks a dozen questions and more."""
GATHER_SECONDS = 2.0
"""What comes in within is stored together."""
LOOK_SECONDS = 15.0
"""Between two looks whether anything is due."""
COUNT_SECONDS = 60.0
"""Between two counts, where nothing was stored meanwhile."""
JITTER = 0.1
OFFICIAL = "posture_official"
"""Row of `meta`: a digest of what was official when domains were looked at last."""


class Asking(Protocol):
    """What asks: `monitor.posture.desk.Desk`, or a stand-in of a test."""

    @property
    def statistics(self) -> Statistics: ...
    async def run(self) -> None: ...
    async def check(self, domain: str, official: Official) -> DomainPosture: ...
    async def probe(self, target: GatewayTarget) -> GatewayState: ...
    async def close(self) -> None: ...


@dataclass(frozen=True)
class PostureChanged(Event):
    """A check of a mail domain is decided otherwise than before."""

    domain: str
    check: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class PostureFell(Event):
    """A check of a mail domain failed that had passed, in two looks one after the other."""

    level: ClassVar[Level] = "warning"
    domain: str
    check: str
    reason: str


@dataclass(frozen=True)
class GatewayChanged(Event):
    """A host of the official gateway answers otherwise than before, or is looked at first."""

    level: ClassVar[Level] = "warning"
    gateway: str
    status: str
    reason: str


@dataclass(frozen=True)
class GatewayTrustUnreadable(Event):
    """The file of the authority of a gateway's certificate cannot be read: it is not looked at."""

    level: ClassVar[Level] = "error"
    gateway: str
    why: str


class Posturing:
    """One daemon's. Where no resolver is named nobody is asked about domains."""

    def __init__(
        self,
        settings: Settings,
        desk: Asking,
        registry: Callable[[], Registry],
        is_freemail: Callable[[str], bool],
        observer: Observer,
        now: Clock = clock.now,
        jitter: Callable[[], float] = lambda: random.uniform(1 - JITTER, 1 + JITTER),  # noqa: S311
    ) -> None:
        """`registry` gives the one in force, `is_freemail` says of a domain whether it is.

        Raises UserError when posture.more_domains names an agency that there has never been.
        """
        check_owners(registry(), settings.posture.more_domains)
        self._settings = settings
        self._desk = desk
        self._registry = registry
        self._is_freemail = is_freemail
        self._observer = observer
        self._now = now
        self._jitter = jitter
        self._synced: tuple[Registry, date] | None = None
        self._gateways: dict[str, GatewayState] = {}
        self._page = rendered_posture(NOTHING_YET, settings.measure.agency_series)
        self._database: Database | None = None
        self._connected, self._stored = asyncio.Event(), asyncio.Event()
        Readings(observer.registry, (self._gateway_readings, self._question_readings))

    def connect(self, database: Database) -> None:
        """From here on there is somewhere to store what is seen."""
        self._database = database
        self._connected.set()

    def rendered(self) -> bytes:
        """The families that are made when they change, in the text format of Prometheus."""
        return self._page

    def tasks(self) -> Mapping[str, Coroutine[None, None, None]]:
        """Everything that is looked at again and again, by name."""
        gateways = self._settings.gateways
        found: dict[str, Coroutine[None, None, None]] = {
            f"gateway {each.name}": self._keep_gateway(each) for each in gateways
        }
        if self._asks:
            found["posture"] = self._keep_domains()
            found["posture counts"] = self._keep_counts()
        if self._asks or gateways:
            found["names"] = self._keep_desk()
        return found

    @property
    def _asks(self) -> bool:
        return bool(self._settings.dns.resolvers)

    async def _keep_desk(self) -> None:
        try:
            await self._desk.run()
        finally:
            await self._desk.close()

    # -- domains --------------------------------------------------------------------------------

    async def _keep_domains(self) -> None:
        database = await self._wait()
        while True:
            await self._try("posture", partial(self.look, database))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, database: Database) -> int:
        """Look at every domain that is due by now, and store what is seen; gives how many.

        What becomes due meanwhile waits for the next call: where looks take longer than until they
        are due again, the registry is to be followed all the same.

        Raises DatabaseUnavailable, by itself or in a group; what was taken and not stored is due
        again after a while.
        """
        await self._sync(database)
        began, looked = self._now(), 0
        pending: set[asyncio.Task[DomainPosture]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                for each in await self._claim(database, began, AT_ONCE - len(pending)):
                    pending.add(group.create_task(self._check(each)))
                if not pending:
                    return looked
                done, pending = await asyncio.wait(pending, timeout=GATHER_SECONDS)
                looked += len(done)
                await self._store(database, [task.result() for task in done])

    async def _sync(self, database: Database) -> None:
        """Bring the domains of the registry into the record: when it changed, and every day."""
        registry, today = self._registry(), clock.vietnam_day(self._now())
        if self._synced == (registry, today):
            return
        if self._synced is None:
            await self._hurry_if_other(database)
        if registry.codes():  # who has no registry has no say in which domains there are
            more = self._settings.posture.more_domains
            domains = await asyncio.to_thread(
                mail_domains, registry, today, more, self._is_freemail
            )
            await record.sync_domains(database, domains, self._now())
        self._synced = (registry, today)

    async def _hurry_if_other(self, database: Database) -> None:
        """Settings that say something else is official let everything be looked at anew."""
        digest = hashlib.sha256(self._official().model_dump_json().encode()).hexdigest()
        async with database.connection() as connection, connection.transaction():
            found = await connection.fetchval("SELECT value FROM meta WHERE name = $1", OFFICIAL)
            if found == digest:
                return
            await connection.execute(
                "INSERT INTO meta (name, value) VALUES ($1, $2) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                OFFICIAL,
                digest,
            )
            await record.hurry(connection, self._now())

    async def _claim(self, database: Database, due: datetime, most: int) -> Sequence[Claimed]:
        if not most:
            return ()
        async with database.connection() as connection:
            return await record.claim(connection, due, self._now(), most)

    async def _check(self, claimed: Claimed) -> DomainPosture:
        return await self._desk.check(claimed.domain, self._official(claimed.selectors))

    def _official(self, seen: Iterable[str] = ()) -> Official:
        return official_of(self._settings, seen)

    async def _store(self, database: Database, looks: Sequence[DomainPosture]) -> None:
        if looks:
            with_jitter = [(each, self._jitter()) for each in looks]
            interval = self._settings.posture.interval_seconds
            for changed in await record.store(database, with_jitter, interval):
                self._tell_change(changed)
            self._stored.set()

    def _tell_change(self, changed: Changed) -> None:
        self._observer.emit(
            PostureFell(changed.domain, changed.check, changed.reason)
            if changed.fell
            else PostureChanged(
                changed.domain, changed.check, changed.before, changed.after, changed.reason
            )
        )

    # -- gateways -------------------------------------------------------------------------------

    async def _keep_gateway(self, gateway: GatewaySettings) -> None:
        """Looked at whether or not there is a database."""
        while True:
            await self._try(f"gateway {gateway.name}", partial(self.probe, gateway))
            await asyncio.sleep(gateway.interval_seconds * self._jitter())

    async def probe(self, gateway: GatewaySettings) -> None:
        """Look at a gateway once. Raises DatabaseUnavailable when what was seen is not stored."""
        target = target_of(gateway)
        try:
            ca = await asyncio.to_thread(gateway.ca.read_text, "ascii") if gateway.ca else None
        except (OSError, UnicodeDecodeError) as error:
            self._observer.emit(GatewayTrustUnreadable(gateway.name, type(error).__name__))
            state = unanswered_gateway(target)
        else:
            state = await self._desk.probe(target.model_copy(update={"ca": ca}))
        self._note(state)
        if self._database:
            async with self._database.connection() as connection:
                await record.store_gateway(connection, state)

    def _note(self, state: GatewayState) -> None:
        before = self._gateways.get(state.name)
        self._gateways[state.name] = state
        first = before is None and state.status is not CheckStatus.PASS
        if first or (before and before.status is not state.status):
            self._observer.emit(GatewayChanged(state.name, state.status, state.reason))

    # -- counts ---------------------------------------------------------------------------------

    async def _keep_counts(self) -> None:
        database = await self._wait()
        await self._try("posture counts", partial(self._forget_gateways, database))
        while True:
            self._stored.clear()
            await self._try("posture counts", partial(self.count, database))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(COUNT_SECONDS):
                    await self._stored.wait()

    async def count(self, database: Database) -> None:
        """Make the families of domains anew. Raises DatabaseUnavailable."""
        now = self._now()
        late = now - 2 * timedelta(seconds=self._settings.posture.interval_seconds)
        async with database.connection() as connection:
            found = await counts(connection, now, late)
        self._page = await asyncio.to_thread(
            rendered_posture, found, self._settings.measure.agency_series
        )

    async def _forget_gateways(self, database: Database) -> None:
        known = [each.name for each in self._settings.gateways]
        async with database.connection() as connection:
            await record.forget_gateways(connection, known, self._now() - timedelta(hours=1))

    def _gateway_readings(self) -> Iterable[Metric]:
        yield from gateway_metrics(self._gateways.values())

    def _question_readings(self) -> Iterable[Metric]:
        yield from question_metrics(self._desk.statistics.questions)

    # -- again and again ------------------------------------------------------------------------

    async def _wait(self) -> Database:
        while self._database is None:
            await self._connected.wait()
        return self._database

    async def _try(self, part: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - tried again; no mail depends on it
            plain = first(error, Exception) if isinstance(error, BaseExceptionGroup) else error
            if plain and not isinstance(plain, DatabaseUnavailable):
                self._observer.emit(SideTaskFailed(part, type(plain).__name__, place(plain)))


def official_of(settings: Settings, seen: Iterable[str] = ()) -> Official:
    """What the settings say is official, and selectors that mail of a domain was signed with."""
    posture = settings.posture
    return Official(
        gateway_hosts=posture.gateway_hosts,
        gateway_networks=tuple(map(str, posture.gateway_networks)),
        selectors=tuple(dict.fromkeys((*posture.dkim_selectors, *seen))),
        validating=settings.dns.validating,
    )


def target_of(gateway: GatewaySettings) -> GatewayTarget:
    """What a look is told, but for the authority of its certificate."""
    return GatewayTarget(
        name=gateway.name,
        host=gateway.host,
        port=gateway.port,
        tls=gateway.tls,
        starttls=gateway.starttls,
        server_name=gateway.server_name,
        timeout_seconds=gateway.timeout_seconds,
    )
