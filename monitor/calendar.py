"""Vietnam's working days: Monday to Friday, less public holidays, plus days worked in exchange.

The holidays (Bộ luật Lao động 2019 Điều 112: Tết by the lunar calendar, Giỗ Tổ and the rest, with
the days off in lieu and the exchanges that the government announces) come from the package
`holidays`; what it does not know yet, or a province decides by itself, is the setting `calendar`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from monitor.settings import CalendarSettings

FIRST_YEAR = 2015
YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A day that is not what its weekday says."""

    day: date
    working: bool
    name: str


class WorkingCalendar:
    """The working days of a province."""

    def __init__(self, settings: CalendarSettings, until_year: int) -> None:
        """Knows the years from 2015 to two after `until_year`."""
        years = range(FIRST_YEAR, until_year + YEARS_AHEAD + 1)
        self._holidays = holidays.country_holidays("VN", years=years, language="vi")
        self._free = frozenset(settings.free)
        self._worked = frozenset(settings.worked)

    def is_working(self, day: date) -> bool:
        """Is it worked on this Vietnam day? The settings go first."""
        if day in self._free or day in self._worked:
            return day in self._worked
        return bool(self._holidays.is_working_day(day))

    def exceptions(self) -> Iterator[Exceptional]:
        """All days that differ from Monday to Friday, in order."""
        known = {*self._holidays, *self._holidays.weekend_workdays, *self._free, *self._worked}
        for day in sorted(known):
            working = self.is_working(day)
            if working != (day.isoweekday() < 6):
                yield Exceptional(day, working, str(self._holidays.get(day, "")))

    def working_days(self, first: date, last: date) -> list[date]:
        """The working days from one day to another, both included."""
        days = (first + timedelta(n) for n in range((last - first).days + 1))
        return [day for day in days if self.is_working(day)]
