"""The completed working days of every watched figure, read from the recorded facts."""

import asyncio
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from string import Template

import asyncpg

from monitor.measure.account_history import months_between
from monitor.measure.drop_rule import PRIOR, History
from monitor.measure.figures import Scope
from monitor.measure.statements import sql
from monitor.measure.windows import working_days
from monitor.model import Channel
from monitor.record.connection import Connection
from monitor.settings import AccountSettings

MONTHS = 13
"""Before this one: the watch begins at the first of a month, so that it moves once a month."""
COVERED = 0.9
"""Captured of what was sent: with less, what is missing may be what makes the difference."""
OUTAGE = 0.2
"""Of the median of the twenty working days before, over the whole province and by the mean over its
agencies: so little on one day is a source that was away, and one large agency that stopped is not.
On the days beside Tết it is about 0.4."""
USE = "accounts_active"
AT_ONCE = 5
"""Rows of accounts, of up to 300 days for three figures each: some milliseconds."""
COLUMNS = ("numerators", "denominators", "weights", "undecided", "undrawn")


@dataclass(frozen=True, slots=True)
class Key:
    """Whose figure, and which."""

    indicator: str
    scope: Scope
    code: str
    """Agency code, name of the level, or `province`."""
    channel: str


@dataclass(frozen=True, slots=True)
class Watched:
    """The days of one figure on which its source was there."""

    history: History
    current: bool
    """One of them is among the last five completed working days."""

    @property
    def facts(self) -> int:
        """The same for the same facts."""
        h = self.history
        columns = (h.days, h.numerators, h.denominators, h.weights, h.undecided, h.undrawn)
        return hash((self.current, *(tuple(column) for column in columns)))


@dataclass
class _Columns:
    """One number a completed working day, zero where there was nothing."""

    length: int
    numerators: list[float] = field(init=False)
    denominators: list[float] = field(init=False)
    weights: list[float] = field(init=False)
    undecided: list[float] = field(init=False)
    undrawn: list[float] = field(init=False)

    def __post_init__(self) -> None:
        for name in COLUMNS:
            setattr(self, name, [0.0] * self.length)

    def seen(self, indicator: str, index: int) -> float:
        """How much the source showed on a day: of accounts their use, not their number."""
        if indicator == USE:
            return self.numerators[index]
        return self.denominators[index] + self.undecided[index] + self.undrawn[index]

    def census(self, index: int, numerator: float, denominator: float) -> None:
        self.numerators[index] += numerator
        self.denominators[index] += denominator
        self.weights[index] += denominator


@dataclass
class Histories:
    """What was read; made into the days of each figure without a database, in any thread."""

    days: Sequence[date]
    """Completed working days, in order."""
    columns: dict[Key, _Columns]
    uncovered: Mapping[tuple[str, str, str], frozenset[int]]
    """Indexes of days with low coverage, by scope, code and channel."""

    def watched(self) -> Mapping[Key, Watched]:
        """Every figure's days without outages; some milliseconds a hundred figures."""
        agencies: dict[tuple[str, str], list[Sequence[float]]] = defaultdict(list)
        for key, columns in self.columns.items():
            if key.scope is Scope.AGENCY:
                agencies[key.indicator, key.channel].append(self._seen(key, columns))
        away = {
            (key.indicator, key.channel): _outages(
                self._seen(key, columns), agencies[key.indicator, key.channel]
            )
            for key, columns in self.columns.items()
            if key.scope is Scope.PROVINCE
        }
        return {
            key: self._watched(columns, away[key.indicator, key.channel] | self._uncovered(key))
            for key, columns in self.columns.items()
        }

    def _seen(self, key: Key, columns: _Columns) -> Sequence[float]:
        return [columns.seen(key.indicator, index) for index in range(len(self.days))]

    def _uncovered(self, key: Key) -> frozenset[int]:
        if key.indicator == USE:
            return frozenset()
        return self.uncovered.get((key.scope, key.code, key.channel), frozenset())

    def _watched(self, columns: _Columns, away: frozenset[int]) -> Watched:
        there = [index for index in range(len(self.days)) if index not in away]
        history = History(
            [self.days[index] for index in there],
            *([getattr(columns, name)[index] for index in there] for name in COLUMNS),
        )
        return Watched(history, bool(there) and there[-1] >= len(self.days) - 5)


def _outages(seen: Sequence[float], agencies: Sequence[Sequence[float]]) -> frozenset[int]:
    """Days on which nothing, or next to nothing, was captured in the whole province."""
    found: set[int] = set()
    before: list[int] = []
    for index, units in enumerate(seen):
        recent = before[-PRIOR:]
        little = units < OUTAGE * _usual(seen, recent)
        if units == 0 or (little and _present(agencies, recent, index) < OUTAGE):
            found.add(index)
        else:
            before.append(index)
    return frozenset(found)


def _usual(seen: Sequence[float], days: Sequence[int]) -> float:
    return median(seen[day] for day in days) if days else 0.0


def _present(agencies: Sequence[Sequence[float]], before: Sequence[int], index: int) -> float:
    """How much of what is usual for them came, at most all, in the mean over agencies that send on
    most days; 0 where none does.
    """
    usual = [(seen[index], _usual(seen, before)) for seen in agencies]
    shares = [min(1.0, units / often) for units, often in usual if often]
    return sum(shares) / len(shares) if shares else 0.0


async def read(connection: Connection, today: date, settings: AccountSettings) -> Histories:
    """All that is watched, until the day before `today`."""
    first, _ = months_between(today - timedelta(days=31 * MONTHS), today)[0]
    days = sorted(await working_days(connection, first, today - timedelta(days=1)))
    columns: dict[Key, _Columns] = {}
    uncovered: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    if days:
        for row in await connection.fetch(sql("drop_uncovered"), days, days[-1], COVERED):
            uncovered[row["scope"], row["code"], row["channel"]].add(row["n"] - 1)
        await _documents(connection, days, columns)
        await _accounts(connection, days, settings, columns)
    return Histories(days, columns, {key: frozenset(found) for key, found in uncovered.items()})


async def _documents(
    connection: Connection, days: Sequence[date], columns: dict[Key, _Columns]
) -> None:
    rows = await connection.fetch(sql("drop_days"), days, days[-1])
    for number, row in enumerate(rows):
        key = Key(row["indicator"], Scope(row["scope"]), row["code"], row["channel"])
        made = columns[key] = _Columns(len(days))
        for name in COLUMNS:
            column = getattr(made, name)
            for n, value in zip(row["n"], row[name], strict=True):
                column[n - 1] = float(value)
        if number % 20 == 19:
            await asyncio.sleep(0)  # a thousand arrays must not stall the event loop


async def _accounts(
    connection: Connection,
    days: Sequence[date],
    settings: AccountSettings,
    columns: dict[Key, _Columns],
) -> None:
    """Personal accounts that a person used on a day, of those enabled then; whole days of the
    account lists, so that who holds several accounts counts with each.
    """
    agencies = await connection.fetch(
        "SELECT a.agency_id, a.code, p.level FROM agency a JOIN agency_period p USING (agency_id)"
        " WHERE $1::date BETWEEN p.first_day AND p.last_day AND agency_id <> 0",
        days[-1],
    )
    groups = {
        row["agency_id"]: (
            Key(USE, Scope.AGENCY, row["code"], Channel.MAIL),
            Key(USE, Scope.LEVEL, row["level"], Channel.MAIL),
            Key(USE, Scope.PROVINCE, Scope.PROVINCE, Channel.MAIL),
        )
        for row in agencies
    }
    place = {day: index for index, day in enumerate(days)}
    rows = await connection.fetch(sql("drop_accounts"), days[0], days[-1])
    async for row in _by_turns(rows):
        first, after = bisect_left(days, row["first_day"]), bisect_right(days, row["last_day"])
        for key in groups.get(row["agency_id"], ()):
            made = columns.get(key)
            if made is None:
                made = columns[key] = _Columns(len(days))
            for index in range(first, after):
                made.census(index, 0, row["accounts"])
    months = [first for first, _ in months_between(days[0], days[-1])]
    async for row in _by_turns(await connection.fetch(_use(settings), months, days[-1])):
        for key in groups.get(row["agency_id"], ()):
            if made_before := columns.get(key):
                for n, used in enumerate(row["used"]):
                    on = place.get(row["month"] + timedelta(days=n))
                    if used and on is not None:
                        made_before.census(on, used, 0)


async def _by_turns(rows: Sequence[asyncpg.Record]) -> AsyncIterator[asyncpg.Record]:
    """Every agency has hundreds of days: the event loop has its turn between a few of them."""
    for number, row in enumerate(rows):
        yield row
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)


def _use(settings: AccountSettings) -> str:
    counts = ", ".join(f"count(*) FILTER (WHERE days >> {n} & 1 = 1)" for n in range(31))
    human = " | ".join(f"m.{kind}" for kind in settings.human)
    return Template(sql("drop_use")).substitute(human=f"({human})", counts=counts)
