"""Agencies that sign by habit: what they issue day after day, made up from a seed.

Days differ as those of real offices do: the share that is signed moves from day to day
(beta-binomial), volumes follow the week, fall around Tết and vary beside it, and a mail brings
several documents that are mostly signed alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import exp, log
from random import Random

from monitor.calendar import WorkingCalendar
from monitor.measure.drop_rule import History
from monitor.settings import CalendarSettings

WEEK = (1.2, 1.1, 1.05, 1.0, 0.65)
"""Documents on Monday to Friday, of the average."""
BESIDE_HOLIDAYS = 0.4
"""And on the two days on either side of a holiday of a week and more: Tết."""
SEVERAL = ((1, 0.85), (2, 0.10), (3, 0.03), (6, 0.02))
"""How many documents mails have, and what share of them so many."""
ONE = ((1, 1.0),)
"""Items of a document system."""
ALIKE = 0.8
"""Share of mails whose documents are all signed or all not."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One agency in one channel."""

    volume: float
    """Documents on an average working day."""
    base: float
    """Share of them that is signed."""
    spread: float = 0.02
    """Correlation of two documents of one day: 0, days do not differ."""

    def signed(self, random: Random) -> float:
        """The share of one day."""
        if not self.spread or not 0 < self.base < 1:
            return self.base
        size = 1 / self.spread - 1
        return random.betavariate(self.base * size, (1 - self.base) * size)


@dataclass(frozen=True, slots=True)
class Office:
    """What came of a habit, by documents and by mails."""

    documents: History
    mails: History


@cache
def working_days(first: date, last: date) -> Sequence[date]:
    calendar = WorkingCalendar(CalendarSettings(), last.year)
    return tuple(calendar.working_days(first, last))


def activity(days: Sequence[date]) -> list[float]:
    """How busy each day is, as a factor."""
    busy = [WEEK[min(day.weekday(), 4)] for day in days]
    for index in range(1, len(days)):
        if days[index] - days[index - 1] >= timedelta(days=7):
            for beside in range(max(0, index - 2), min(len(days), index + 2)):
                busy[beside] *= BESIDE_HOLIDAYS
    return busy


def office(
    habit: Callable[[int], Habit],
    days: Sequence[date],
    busy: Sequence[float],
    random: Random,
    sizes: Sequence[tuple[int, float]] = SEVERAL,
) -> Office:
    """Some days of an agency whose habit may change: `habit` gives that of a day by its index."""
    columns = [_day(habit(index), busy[index], random, sizes) for index in range(len(days))]
    signed, issued, good, sent = zip(*columns, strict=True)
    return Office(census(days, signed, issued), census(days, good, sent))


def census(days: Sequence[date], signed: Sequence[int], issued: Sequence[int]) -> History:
    """Days on which everything was verified."""
    nothing = [0.0] * len(days)
    return History(days, signed, issued, issued, nothing, nothing)


def total(histories: Sequence[History]) -> History:
    """What a group of agencies did together."""
    signed = [sum(day) for day in zip(*(h.numerators for h in histories), strict=True)]
    issued = [sum(day) for day in zip(*(h.denominators for h in histories), strict=True)]
    nothing = [0.0] * len(issued)
    return History(histories[0].days, signed, issued, issued, nothing, nothing)


def _day(
    habit: Habit, busy: float, random: Random, sizes: Sequence[tuple[int, float]]
) -> tuple[int, int, int, int]:
    """Documents signed and issued, mails all of whose documents are signed, and all mails."""
    share = habit.signed(random)
    mean = sum(size * part for size, part in sizes)
    expected = habit.volume / mean * busy * exp(random.gauss(0, 0.15) - 0.01125)
    signed = issued = good = 0
    sent = _poisson(expected, random)
    for size in random.choices([s for s, _ in sizes], [part for _, part in sizes], k=sent):
        if size == 1 or random.random() < ALIKE:
            of_mail = size if random.random() < share else 0
        else:
            of_mail = sum(random.random() < share for _ in range(size))
        signed, issued, good = signed + of_mail, issued + size, good + (of_mail == size)
    return signed, issued, good, sent


def _poisson(mean: float, random: Random) -> int:
    count, left = 0, mean
    while (left := left + log(1 - random.random())) > 0:
        count += 1
    return count


def province(agencies: int, random: Random) -> list[Habit]:
    """Agencies as they differ: one document a day to fifty, hardly any signed to nearly all."""
    return [
        Habit(
            volume=exp(random.uniform(0, log(50))),
            base=random.uniform(0.2, 0.98),
            spread=random.uniform(0.005, 0.05),
        )
        for _ in range(agencies)
    ]
