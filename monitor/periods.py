"""Reporting periods: which days a report is about, and what it is compared with.

Two calendars. By the calendar, months, quarters, half-years and years are what they are called. By
the administrative one (Nghị định 09/2019/NĐ-CP Điều 12: data are closed on the 14th) each begins on
the 15th of the month before its first and ends on the 14th of its last month. Beside them any days,
and cumulative ones (lũy kế) from 1 January to the end of another period.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_DAYS = 800
"""Of a custom period: two years and some days."""
SHOWN = 40
"""Letters of what cannot be read that an error repeats."""
HELP = (
    "write 2026-10 (month), 2026-Q3 (quarter), 2026-H1 (half-year), 2026 (year), "
    "2026-10-01..2026-10-20 (any days) or cumulative:2026-10 (from 1 January); with @calendar or "
    "@administrative (15th to 14th) for the other calendar than report.calendar"
)


class Kind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    CUMULATIVE = "cumulative"
    CUSTOM = "custom"


class CalendarKind(StrEnum):
    """Where months begin."""

    CALENDAR = "calendar"
    ADMINISTRATIVE = "administrative"


MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Rules:
    """A province's rules (settings.report)."""

    calendar: CalendarKind = CalendarKind.CALENDAR
    """Of a period that does not name one."""
    first_day: int = 15
    """Of an administrative month, in the month before."""
    administrative_half_years: bool = True
    """Half-years of the administrative calendar follow it; else they are the calendar's."""


@dataclass(frozen=True, slots=True)
class Period:
    """Vietnam days from `first` to `last`, both included."""

    kind: Kind
    calendar: CalendarKind
    first: date
    last: date
    year: int
    """By which it is called; of custom days the last one's."""
    number: int = 1
    """Month, quarter or half-year of that year; of a cumulative period that of its last part."""
    part: Kind = Kind.MONTH
    """Of a cumulative period: what its end is the end of."""

    @property
    def id(self) -> str:
        """Its one spelling, which `from_id` reads; without a calendar it is of the calendar."""
        if self.kind is Kind.CUSTOM:
            return f"{self.first}..{self.last}"
        name = _name(
            self.part if self.kind is Kind.CUMULATIVE else self.kind, self.year, self.number
        )
        prefix = "cumulative:" if self.kind is Kind.CUMULATIVE else ""
        suffix = "" if self.calendar is CalendarKind.CALENDAR else f"@{self.calendar}"
        return f"{prefix}{name}{suffix}"

    @property
    def slug(self) -> str:
        """For names of files: `2026-10`, `2026-10-administrative`, `cumulative-2026-10`."""
        text = self.id.removesuffix(f"@{CalendarKind.CALENDAR}")
        return re.sub(r"[@:]", "-", text.replace("..", "_"))


def parse(text: str, rules: Rules) -> Period:
    """The period of a text (`HELP`). Raises ValueError that says what to write."""
    found = re.fullmatch(r"(cumulative:)?(.+?)(?:@(calendar|administrative))?", text.strip())
    if found is None:
        raise _refused(text, f"no period: {HELP}")
    cumulative, body, named = found.groups()
    calendar = CalendarKind(named) if named else rules.calendar
    if days := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})", body):
        if cumulative or named:
            raise _refused(text, f"days that are named have no calendar: {HELP}")
        return _custom(text, *days.groups())
    kind, year, number = _named(text, body)
    period = _regular(kind, calendar, year, number, rules)
    return _cumulative(period) if cumulative else period


def from_id(text: str, rules: Rules) -> Period:
    """The period of an id, whatever calendar the rules prefer. Raises ValueError."""
    return parse(text, replace(rules, calendar=CalendarKind.CALENDAR))


def previous(period: Period, rules: Rules) -> Period | None:
    """The period before; of a cumulative one the same up to the part before, None in January."""
    if period.kind is Kind.CUSTOM:
        days = (period.last - period.first).days + 1
        return _days(period.first - timedelta(days=days), period.first - timedelta(days=1))
    kind = period.part if period.kind is Kind.CUMULATIVE else period.kind
    year, number = (
        (period.year, period.number - 1) if period.number > 1
        else (period.year - 1, 12 // MONTHS[kind])
    )  # fmt: skip
    if period.kind is not Kind.CUMULATIVE:
        return _regular(kind, period.calendar, year, number, rules)
    if year != period.year:
        return None
    return _cumulative(_regular(kind, period.calendar, year, number, rules))


def year_before(period: Period, rules: Rules) -> Period:
    """The same period of the year before (cùng kỳ); 29 February becomes the 28th."""
    if period.kind is Kind.CUSTOM:
        return _days(_year_earlier(period.first), _year_earlier(period.last))
    if period.kind is Kind.CUMULATIVE:
        part = _regular(period.part, period.calendar, period.year - 1, period.number, rules)
        return _cumulative(part)
    return _regular(period.kind, period.calendar, period.year - 1, period.number, rules)


def last_month(period: Period, rules: Rules) -> Period:
    """The month in which a period ends: that of which accounts are counted in longer periods.

    It is whole: that of `cumulative:2026-01@administrative` begins before 1 January. Of custom
    days, at most the last 31.
    """
    if period.kind is Kind.MONTH:
        return period
    if period.kind is Kind.CUSTOM:
        return _days(max(period.first, period.last - timedelta(days=30)), period.last)
    kind = period.part if period.kind is Kind.CUMULATIVE else period.kind
    calendar = CalendarKind.CALENDAR if _by_calendar(period) else CalendarKind.ADMINISTRATIVE
    return _regular(Kind.MONTH, calendar, period.year, period.number * MONTHS[kind], rules)


def latest_ended(kind: Kind, day: date, rules: Rules) -> Period:
    """The newest regular period of a kind that ended before a day."""
    months = MONTHS[kind]
    index = (day.year * 12 + day.month - 1) // months + 1
    while True:
        per_year = 12 // months
        period = _regular(kind, rules.calendar, index // per_year, index % per_year + 1, rules)
        if period.last < day:
            return period
        index -= 1


def following(period: Period, rules: Rules) -> Period:
    """The regular period after a regular one."""
    per_year = 12 // MONTHS[period.kind]
    year, number = (
        (period.year, period.number + 1) if period.number < per_year else (period.year + 1, 1)
    )
    return _regular(period.kind, period.calendar, year, number, rules)


# -- how they are made -----------------------------------------------------------------------------


def _regular(kind: Kind, calendar: CalendarKind, year: int, number: int, rules: Rules) -> Period:
    months = MONTHS[kind]
    last_month = number * months
    first = date(year, last_month - months + 1, 1)
    last = date(year, last_month, monthrange(year, last_month)[1])
    shifted = calendar is CalendarKind.ADMINISTRATIVE and (
        kind is not Kind.HALF or rules.administrative_half_years
    )
    if shifted:
        before = first - timedelta(days=1)
        first = before.replace(day=rules.first_day)
        last = last.replace(day=rules.first_day - 1)
    return Period(kind, calendar, first, last, year, number)


def _cumulative(end: Period) -> Period:
    return Period(
        Kind.CUMULATIVE,
        end.calendar,
        date(end.year, 1, 1),
        end.last,
        end.year,
        end.number,
        end.kind,
    )


def _custom(text: str, first: str, last: str) -> Period:
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise _refused(text, f"{error}: {HELP}") from None
    if not FIRST_YEAR <= days[0].year <= days[1].year <= LAST_YEAR:
        raise _refused(text, f"years from {FIRST_YEAR} to {LAST_YEAR}, the first day first")
    if not timedelta(0) <= days[1] - days[0] < timedelta(days=LONGEST_DAYS):
        raise _refused(text, f"the first day first, at most {LONGEST_DAYS} days")
    return _days(*days)


def _days(first: date, last: date) -> Period:
    return Period(Kind.CUSTOM, CalendarKind.CALENDAR, first, last, last.year)


def _named(text: str, body: str) -> tuple[Kind, int, int]:
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}|[QqHh][0-9]))?", body)
    if found is None:
        raise _refused(text, f"no period: {HELP}")
    year, tail = int(found[1]), (found[2] or "").upper()
    kind = {"": Kind.YEAR, "Q": Kind.QUARTER, "H": Kind.HALF}.get(tail[:1], Kind.MONTH)
    number = int(tail.lstrip("QH") or 1)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refused(text, f"years from {FIRST_YEAR} to {LAST_YEAR}")
    if not 1 <= number <= 12 // MONTHS[kind]:
        raise _refused(text, f"a year has no such {kind}: {HELP}")
    return kind, year, number


def _refused(text: str, why: str) -> ValueError:
    """What was given may be long, or not for a terminal."""
    return ValueError(f"{text.strip()[:SHOWN]!r}: {why}")


def _name(kind: Kind, year: int, number: int) -> str:
    tails = {
        Kind.MONTH: f"-{number:02}", Kind.QUARTER: f"-Q{number}", Kind.HALF: f"-H{number}",
    }  # fmt: skip
    return f"{year}{tails.get(kind, '')}"


def _by_calendar(period: Period) -> bool:
    """Whether it ends with a calendar month, whatever calendar names it."""
    return period.last.day == monthrange(period.last.year, period.last.month)[1]


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))
