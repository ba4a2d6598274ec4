"""Which days a figure is about (DESIGN "Windows")."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from monitor.record.connection import Connection

BACK = 62
"""Days before today among which `wd5` and `wd20_prior` find their working days: 25 of these and
the longest Tết are 46."""


class WindowName(StrEnum):
    """Names that the windows of this moment have in figures and metrics."""

    WD5 = "wd5"
    WD20_PRIOR = "wd20_prior"
    DAYS_7 = "7d"
    DAYS_30 = "30d"
    DAYS_90 = "90d"
    DAYS_180 = "180d"
    PERIOD = "period"
    LAST_MONTH = "last_month"
    """The calendar month before this one: of signing and of figures of registers."""


LENGTHS = {
    WindowName.DAYS_7: 7,
    WindowName.DAYS_30: 30,
    WindowName.DAYS_90: 90,
    WindowName.DAYS_180: 180,
}


@dataclass(frozen=True, slots=True)
class Window:
    """A set of Vietnam days; people, accounts and agencies are those of its last one."""

    name: str
    days: tuple[date, ...]
    """All whose activity counts, in order."""
    working: tuple[date, ...]
    """The working days among them."""

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]


async def working_days(connection: Connection, first: date, last: date) -> frozenset[date]:
    """The working days from one day to another, both included, as the calendar's table has them."""
    rows = await connection.fetch(
        "SELECT d::date AS day FROM generate_series($1::date, $2::date, interval '1 day') d"
        " WHERE is_working_day(d::date)",
        first,
        last,
    )
    return frozenset(row["day"] for row in rows)


async def window_between(connection: Connection, name: str, first: date, last: date) -> Window:
    """All days from one to another, both included."""
    worked = await working_days(connection, first, last)
    return _window(name, days_between(first, last), worked.__contains__)


async def current_windows(connection: Connection, today: date) -> Sequence[Window]:
    """The windows of this moment; only `period`, the calendar month to date, holds today.

    `wd5` and `wd20_prior` are sets of working days: free days between them are not in them.
    """
    longest = max(LENGTHS.values())
    worked = await working_days(connection, today - timedelta(days=longest), today)
    recent = [day for day in days_between(today - timedelta(days=BACK), _before(today))
              if day in worked]  # fmt: skip
    spans = {
        WindowName.WD5: recent[-5:],
        WindowName.WD20_PRIOR: recent[-25:-5],
        **{name: days_between(today - timedelta(days=days), _before(today))
           for name, days in LENGTHS.items()},
        WindowName.PERIOD: days_between(today.replace(day=1), today),
    }  # fmt: skip
    return [_window(name, days, worked.__contains__) for name, days in spans.items() if days]


def days_between(first: date, last: date) -> list[date]:
    """Every day from one to another, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _window(name: str, days: Sequence[date], is_working: Callable[[date], bool]) -> Window:
    return Window(name, tuple(days), tuple(day for day in days if is_working(day)))
