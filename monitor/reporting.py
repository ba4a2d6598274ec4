"""The side task that makes reports by itself: closes periods, writes their files, sends them.

It looks every minute and when a Vietnam day begins; what should be there stands in the record, so a
daemon that was down catches up. No mail that is captured depends on it: what fails is told, counted
and tried again, ever more seldom. Of several daemons on one database one is at it at a time.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from monitor import clock
from monitor.clock import Clock
from monitor.errors import CongvuError, DatabaseUnavailable, UserError
from monitor.expose import Metrics
from monitor.lifecycle import SideTaskFailed, place
from monitor.measure.closing import close
from monitor.measure.plan import Plan
from monitor.observe import Observer
from monitor.periods import Period
from monitor.record import Database
from monitor.record.audit import THE_DAEMON
from monitor.report.apart import export_apart
from monitor.report.delivery import Delivery, Export, Mailing
from monitor.report.delivery.due import Due, agencies, due
from monitor.report.delivery.handing import PROVINCE, Busy, Handing, Result, Session, turn
from monitor.report.delivery.relay import RelayAway
from monitor.report.events import (
    ReportClosed,
    ReportDiffers,
    ReportFailed,
    ReportSent,
    ReportWritten,
)
from monitor.report.order import NotSigned, Written
from monitor.settings import Settings

LOOK_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=4)
"""Before a failure is tried again: twice as long after each, from the first to the last."""
REASON = "report.close: closed by the schedule"


class Patience:
    """When something that failed may be tried again."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._failed: dict[Hashable, tuple[timedelta, datetime]] = {}

    def ready(self, what: Hashable) -> bool:
        return what not in self._failed or self._now() >= self._failed[what][1]

    def failed(self, what: Hashable) -> None:
        before = self._failed.get(what)
        pause = min(2 * before[0], LONGEST_PAUSE) if before else FIRST_PAUSE
        self._failed[what] = pause, self._now() + pause

    def done(self, what: Hashable) -> None:
        self._failed.pop(what, None)


class Reporting:
    """One daemon's; `run` ends at once where nothing is scheduled."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        observer: Observer,
        plan: Callable[[], Plan],
        recorded: Callable[[], bool],
        now: Clock = clock.now,
        export: Export = export_apart,
    ) -> None:
        """`recorded` says whether everything that was captured is in the record: a period is not
        closed while a backlog of days is still on its way into it.
        """
        self._settings = settings
        self._metrics = metrics
        self._observer = observer
        self._plan = plan
        self._recorded = recorded
        self._now = now
        self._delivery = Delivery(settings, export, now)
        self._patience = Patience(now)
        self._database: Database | None = None
        self._connected = asyncio.Event()

    def connect(self, database: Database) -> None:
        """From here on there is something to report."""
        self._database = database
        self._connected.set()

    async def run(self) -> None:
        """Look again and again."""
        if not self._settings.report.close:
            self._tell({"close": 0, "write": 0, "mail": 0})
        while self._settings.report.close:
            await self._connected.wait()
            if self._database:
                await self.look(self._database)
            await asyncio.sleep(self._until_look())

    async def look(self, database: Database) -> None:
        """Do everything that is due and may be tried now; whatever fails stays due."""
        try:
            found = await self._due(database)
            if self._to_do(found):
                async with turn(database) as session:
                    await self._do(database, session)
                found = await self._due(database)
            if not any(found.counts.values()):
                self._metrics.report_last_success.set(self._now().timestamp())
        except (Busy, DatabaseUnavailable):
            return  # another daemon is at it; or nothing can be known now
        except Exception as error:  # noqa: BLE001 - tried again; no captured mail depends on it
            self._observer.emit(SideTaskFailed("reports", type(error).__name__, place(error)))

    async def _do(self, database: Database, session: Session) -> None:
        """Stage by stage, each of what the record says then."""
        await self._delivery.catch_up(session)
        await self._close(database, (await self._due(database)).close)
        await self._write(database, session, await self._due(database))
        await self._mail(database, session, await self._due(database))

    async def _due(self, database: Database) -> Due:
        async with database.connection() as connection:
            found = await due(connection, self._settings, self._now())
        self._tell(found.counts)
        return found

    def _tell(self, counts: Mapping[str, int]) -> None:
        for stage, number in counts.items():
            self._metrics.report_due.labels(stage).set(number)

    def _to_do(self, found: Due) -> bool:
        """Whether anything may be tried now."""
        closing = self._recorded() and any(map(self._patience.ready, found.close))
        return closing or any(self._ready(found, (*found.write, *found.mail)))

    def _ready(self, found: Due, handings: Iterable[Handing]) -> Iterable[Handing]:
        return (each for each in handings if found.waits(each) and self._patience.ready(each))

    # -- closing -----------------------------------------------------------------------------------

    async def _close(self, database: Database, periods: Sequence[Period]) -> None:
        """Oldest first; one that cannot be closed holds up those after it: they compare with it."""
        for period in periods:
            if not (self._recorded() and self._patience.ready(period)):
                return
            try:
                await close(
                    database, self._settings, self._plan(), period,
                    actor=THE_DAEMON, reason=REASON, clock=self._now,
                )  # fmt: skip
            except DatabaseUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - told, and tried again
                self._failed("close", period, PROVINCE, _why(error), [period])
                return
            self._patience.done(period)
            self._observer.emit(ReportClosed(period.id))

    # -- writing -----------------------------------------------------------------------------------

    async def _write(self, database: Database, session: Session, found: Due) -> None:
        for closing_id, group in groupby(found.write, key=lambda each: each.closing):
            handings = list(self._ready(found, group))
            if not handings:
                continue
            everything = 1 + len(await self._agencies(database, closing_id))
            if 1 < len(handings) == everything and await self._written(session, found, handings):
                continue
            for handing in handings:
                await self._written(session, found, [handing])

    async def _agencies(self, database: Database, closing_id: int) -> dict[str, str]:
        async with database.connection() as connection:
            return dict(await agencies(connection, closing_id))

    async def _written(self, session: Session, found: Due, handings: Sequence[Handing]) -> bool:
        closing = found.closings[handings[0].closing]
        whose = [each.agency for each in handings]
        try:
            files = await self._delivery.write(session, closing.id, whose)
        except (UserError, OSError) as error:
            # Of many at once it is not known which: they are tried one by one.
            if len(handings) == 1:
                self._failed(
                    _stage(error), closing.period, handings[0].report, _why(error), handings
                )
            return False
        for handing in handings:
            self._patience.done(handing)
        self._tell_written(found, handings, files)
        return True

    def _tell_written(
        self, found: Due, handings: Sequence[Handing], files: Sequence[Written]
    ) -> None:
        closing = found.closings[handings[0].closing]
        report = handings[0].report if len(handings) == 1 else "all"
        self._observer.emit(ReportWritten(closing.period.id, closing.version, report, len(files)))
        self._tell_differing(files)

    def _tell_differing(self, files: Iterable[Written]) -> None:
        for each in files:
            if each.differs:
                self._observer.emit(ReportDiffers(each.path.name, each.differs))

    # -- sending -----------------------------------------------------------------------------------

    async def _mail(self, database: Database, session: Session, found: Due) -> None:
        for _, group in groupby(found.mail, key=lambda each: (each.closing, each.report)):
            handings = list(self._ready(found, group))
            if handings and not await self._mailed(database, session, found, handings):
                for each in found.mail:
                    self._patience.failed(each)
                return

    async def _mailed(
        self, database: Database, session: Session, found: Due, handings: Sequence[Handing]
    ) -> bool:
        """Whether the relay could be reached at all."""
        closing, agency = found.closings[handings[0].closing], handings[0].agency
        names = await self._agencies(database, closing.id)
        to = {each: found.standing(each) for each in handings}
        mailing = Mailing(closing, agency, names[agency] if agency else "", to)
        try:
            mailed = await self._delivery.mail(session, mailing)
        except RelayAway as error:
            self._failed("mail", closing.period, handings[0].report, str(error), ())
            return False
        except (UserError, OSError) as error:
            self._failed(_stage(error), closing.period, handings[0].report, _why(error), handings)
            return True
        self._tell_differing(mailed.files)
        for each in handings:
            answer = mailed.answers.get(each)
            if answer and answer.result is Result.SENT:
                self._patience.done(each)
                self._observer.emit(ReportSent(closing.period.id, closing.version, each.report))
            else:
                # What the relay said may name the address: it stands in report_delivery alone.
                why = f"{answer.result} {answer.code}".strip() if answer else "the relay went away"
                self._failed("mail", closing.period, each.report, why, [each])
        return True

    # -- failing -----------------------------------------------------------------------------------

    def _failed(
        self, stage: str, period: Period, report: str, why: str, what: Iterable[Hashable]
    ) -> None:
        self._metrics.report_failures.labels(stage).inc()
        self._observer.emit(ReportFailed(stage, period.id, report, why))
        for each in what:
            self._patience.failed(each)

    def _until_look(self) -> float:
        """Seconds: a minute, or less where a Vietnam day begins."""
        now = self._now()
        _, tomorrow = clock.day_bounds(clock.vietnam_day(now))
        return min(LOOK_SECONDS, (tomorrow - now).total_seconds() + 1)


def _stage(error: Exception) -> str:
    return "sign" if isinstance(error, NotSigned) else "write"


def _why(error: Exception) -> str:
    """What the product says of it; of what nobody expected, kind and place."""
    if isinstance(error, CongvuError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__} at {place(error)}"
