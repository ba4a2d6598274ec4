"""The eight weeks around Tết that `congvu demo --story` replays: what happens on which day.

A department stops signing a week before Tết and begins again after it; the document system falls
silent for two days; one commune sends forged documents; and there is Tết itself, when nobody works.
Days are Vietnam days, the last Tết whose story lies wholly in the past.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from monitor.calendar import WorkingCalendar
from monitor.clock import VIETNAM
from monitor.demo.agencies import BY_CODE, FOLDER_AGENCIES, DemoAgency
from monitor.demo.documents import DocumentKind
from monitor.settings import CalendarSettings

BASELINE_DAYS = 26
"""Working days before anything happens: wd5 and wd20_prior are full."""
STOPPED = "hs-stc"
FORGER = "hs-nuixanh"
BURST = 24
MAILS = {"hs-stc": 10, "hs-vpub": 6, "hs-nuixanh": 3}
OTHER_MAILS = 4
FILES = 5
SIGNED = 0.93


class Event(StrEnum):
    """What a day of the story brings."""

    STOPS = "stops"
    FREE = "free"
    SOURCE_DIES = "source_dies"
    SOURCE_BACK = "source_back"
    SIGNS_AGAIN = "signs_again"
    BURST = "burst"


TOLD = {
    Event.STOPS: "Sở Tài chính thôi ký số / the department of finance stops signing",
    Event.FREE: "nghỉ / a free day",
    Event.SOURCE_DIES: "hệ thống văn bản im lặng / the document system falls silent",
    Event.SOURCE_BACK: "hệ thống văn bản trở lại / the document system is back",
    Event.SIGNS_AGAIN: "Sở Tài chính ký số trở lại / the department signs again",
    Event.BURST: "xã Núi Xanh gửi hàng loạt văn bản bị sửa / a burst of altered documents",
}


@dataclass(frozen=True)
class Letter:
    """One document that somebody sends, as mail or through the document system."""

    agency: DemoAgency
    kind: DocumentKind
    at: datetime
    by_mail: bool


@dataclass(frozen=True)
class StoryDay:
    """One day of the story."""

    day: date
    working: bool
    quick: bool
    """Before anything happens: told as fast as it goes."""
    events: tuple[Event, ...]
    letters: tuple[Letter, ...]

    def hours(self) -> Sequence[datetime]:
        """The instants of the day at which something is sent or looked at."""
        once = self.quick or not self.working
        return [_at(self.day, hour) for hour in ((10,) if once else (8, 10, 14, 16))]


def story(seed: int, today: date, scale: float = 1.0) -> list[StoryDay]:
    """The whole story, in order; `scale` makes fewer letters of all but the department's mail."""
    calendar = WorkingCalendar(CalendarSettings(), today.year)
    for year in range(today.year, today.year - 2, -1):
        plan = _plan(calendar, _tet(calendar, year))
        if max(plan) < today:
            chance = random.Random(f"story/{seed}")  # noqa: S311  # no secret: a play
            return list(_days(calendar, plan, chance, scale))
    raise AssertionError("of two Tết one is past")


def _tet(calendar: WorkingCalendar, year: int) -> tuple[date, date]:
    """First and last day of the longest run of free days at the beginning of a year."""
    best: list[date] = []
    run: list[date] = []
    for n in range(75):
        day = date(year, 1, 5) + timedelta(days=n)
        run = [] if calendar.is_working(day) else [*run, day]
        best = max(best, run, key=len)
    return best[0], best[-1]


def _plan(calendar: WorkingCalendar, tet: tuple[date, date]) -> dict[date, tuple[Event, ...]]:
    """Every day from the first to the last with its events."""
    before = calendar.working_days(tet[0] - timedelta(days=80), tet[0] - timedelta(days=1))
    after = calendar.working_days(tet[1] + timedelta(days=1), tet[1] + timedelta(days=40))
    events = {
        before[-5]: (Event.STOPS,),
        after[1]: (Event.SOURCE_DIES,),
        after[3]: (Event.SOURCE_BACK, Event.SIGNS_AGAIN),
        after[10]: (Event.BURST,),
    }
    first, last = before[-5 - BASELINE_DAYS], after[12]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: events.get(day, () if calendar.is_working(day) else (Event.FREE,)) for day in days}


def _days(
    calendar: WorkingCalendar,
    plan: dict[date, tuple[Event, ...]],
    chance: random.Random,
    scale: float,
) -> Iterator[StoryDay]:
    stopped = silent = False
    # The days before the first event are looked at as well: nothing is wrong then.
    watched_from = next(d for d, e in plan.items() if Event.STOPS in e) - timedelta(days=3)
    for day, events in plan.items():
        stopped = (stopped or Event.STOPS in events) and Event.SIGNS_AGAIN not in events
        silent = (silent or Event.SOURCE_DIES in events) and Event.SOURCE_BACK not in events
        working = calendar.is_working(day)
        letters = tuple(_letters(day, chance, stopped, silent, scale)) if working else ()
        if Event.BURST in events:
            letters += tuple(_burst(day))
        yield StoryDay(day, working, day < watched_from, events, letters)


def _letters(
    day: date, chance: random.Random, stopped: bool, silent: bool, scale: float
) -> Iterator[Letter]:
    for agency in BY_CODE.values():
        if agency.valid_to is not None:
            continue
        mails = MAILS.get(agency.code, OTHER_MAILS)
        for _ in range(mails if agency.code == STOPPED else max(1, round(mails * scale))):
            signs = not (stopped and agency.code == STOPPED)
            yield _letter(agency, day, chance, signs, by_mail=True)
        if agency.code in FOLDER_AGENCIES and not silent:
            for _ in range(max(1, round(FILES * scale))):
                yield _letter(agency, day, chance, signs=True, by_mail=False)


def _letter(
    agency: DemoAgency, day: date, chance: random.Random, signs: bool, *, by_mail: bool
) -> Letter:
    signed = signs and chance.random() < SIGNED
    kind = DocumentKind.PERSON if signed else DocumentKind.UNSIGNED
    return Letter(agency, kind, _at(day, chance.choice((8, 10, 14, 16))), by_mail)


def _burst(day: date) -> Iterator[Letter]:
    for _ in range(BURST):
        yield Letter(BY_CODE[FORGER], DocumentKind.TAMPERED, _at(day, 10), by_mail=True)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), VIETNAM)
