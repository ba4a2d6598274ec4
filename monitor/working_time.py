"""Working time: how long of a stretch people were at work, by the calendar and the hours of a day.

Silence over a weekend or over Tết says nothing about a source: it is measured in working seconds.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from monitor.clock import VIETNAM, vietnam_day

LONGEST = timedelta(days=400)
"""Further back nothing is counted: more than any threshold already."""


class WorkingTime:
    """The working time of a province, in Vietnam."""

    def __init__(
        self, is_working: Callable[[date], bool], hours: Sequence[tuple[time, time]]
    ) -> None:
        """`hours` are the stretches of a working day, each from one time to a later one."""
        self._is_working = is_working
        self._hours = tuple(hours)

    def holds(self, instant: datetime) -> bool:
        """Is it worked at this aware instant? The last instant of a stretch is not in it."""
        local = instant.astimezone(VIETNAM)
        within = any(begin <= local.time() < end for begin, end in self._hours)
        return within and self._is_working(local.date())

    def is_day(self, day: date) -> bool:
        """Is it worked on this Vietnam day?"""
        return self._is_working(day)

    def seconds(self, since: datetime, until: datetime) -> float:
        """Working seconds from one aware instant to another; 0 where the second is not later."""
        since = max(since, until - LONGEST)
        first, last = vietnam_day(since), vietnam_day(until)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return sum(self._of_day(day, since, until) for day in days if self._is_working(day))

    def _of_day(self, day: date, since: datetime, until: datetime) -> float:
        found = 0.0
        for begin, end in self._hours:
            start = max(since, datetime.combine(day, begin, VIETNAM))
            stop = min(until, datetime.combine(day, end, VIETNAM))
            found += max(0.0, (stop - start).total_seconds())
        return found
