"""What of the daemon's own closings should be there and is not: read from the record alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import clock
from monitor.measure.closing import Closing, by_id
from monitor.measure.statements import sql
from monitor.periods import Period, Rules, from_id
from monitor.record.audit import THE_DAEMON
from monitor.record.connection import Connection
from monitor.report.delivery import schedule
from monitor.report.delivery.handing import (
    FOLDER,
    Handing,
    Standing,
    attempts,
    of_agency,
    standings,
)
from monitor.settings import ReportMailSettings, ReportSettings, Settings

CLOSED = """
SELECT DISTINCT ON (period) closing_id, period, first_day, last_day
FROM closing WHERE version > 0 ORDER BY period, version DESC
"""
OWN = """
SELECT closing_id FROM closing WHERE version > 0 AND actor = $1 AND closed_at > $2 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Periods to close, reports to write, mails to send: those that wait, and refused ones."""

    close: Sequence[Period]
    """Oldest first; of periods of which nothing was recorded there is nothing to close."""
    write: Sequence[Handing]
    mail: Sequence[Handing]
    closings: Mapping[int, Closing]
    """Those that are looked after, by id."""
    standings: Mapping[Handing, Standing]
    newest: Period | None
    """The closed period that ended last, whoever closed it."""

    def waits(self, handing: Handing) -> bool:
        """Whether the daemon tries it by itself; else only a command does."""
        return self.standing(handing).waits

    def standing(self, handing: Handing) -> Standing:
        return self.standings.get(handing, Standing())

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each stage."""
        return {"close": len(self.close), "write": len(self.write), "mail": len(self.mail)}


async def due(connection: Connection, settings: Settings, now: datetime) -> Due:
    """Everything that is due at an instant. Raises DatabaseUnavailable."""
    closed = await _closed(connection)
    rows = await connection.fetch(OWN, THE_DAEMON, now - schedule.LOOKED_AFTER)
    own = {row["closing_id"]: await by_id(connection, row["closing_id"]) for row in rows}
    stand = standings(await attempts(connection, list(own)))
    write: list[Handing] = []
    mail: list[Handing] = []
    for closing_id in own:
        codes = await agencies(connection, closing_id)
        write += _files(closing_id, settings.report, codes)
        if closing_id in closed:  # what was restated is sent by command, if at all
            mail += mails(closing_id, settings.report_mail, codes)
    return Due(
        close=await _to_close(connection, settings.report, list(closed.values()), now),
        write=[each for each in write if not _is_done(stand, each)],
        mail=[each for each in mail if not _is_done(stand, each)],
        closings=own,
        standings=stand,
        newest=max(closed.values(), key=lambda each: each.last, default=None),
    )


def mails(closing: int, settings: ReportMailSettings, known: Iterable[str]) -> Iterator[Handing]:
    """Who is sent what of a closing: an agency's sheet goes to its own addresses alone."""
    if settings.host is None:
        return
    for address in dict.fromkeys(settings.recipients):
        yield Handing(closing, of_agency(None), address)
    for code in sorted(set(settings.agencies).intersection(known)):
        for address in dict.fromkeys(settings.agencies[code]):
            yield Handing(closing, of_agency(code), address)


async def agencies(connection: Connection, closing: int) -> Mapping[str, str]:
    """Names of the agencies of a closing by their codes, in the order of reports."""
    rows = await connection.fetch(
        "SELECT code, name FROM closed_agency WHERE closing_id = $1 ORDER BY ordinal, code", closing
    )
    return {row["code"]: row["name"] for row in rows}


async def _closed(connection: Connection) -> Mapping[int, Period]:
    """Every closed period by the id of its newest version, with the days that were closed."""
    return {
        row["closing_id"]: replace(
            from_id(row["period"], Rules()), first=row["first_day"], last=row["last_day"]
        )
        for row in await connection.fetch(CLOSED)
    }


async def _to_close(
    connection: Connection, settings: ReportSettings, closed: Sequence[Period], now: datetime
) -> Sequence[Period]:
    ended = schedule.due(settings, closed, clock.vietnam_day(now))
    recorded = sql("anything_recorded")
    return [each for each in ended if await connection.fetchval(recorded, each.first, each.last)]


def _files(closing: int, settings: ReportSettings, known: Iterable[str]) -> Iterator[Handing]:
    yield Handing(closing, of_agency(None), FOLDER)
    if settings.agency_sheets:
        for code in known:
            yield Handing(closing, of_agency(code), FOLDER)


def _is_done(stand: Mapping[Handing, Standing], handing: Handing) -> bool:
    return bool(stand.get(handing, Standing()).sent)
