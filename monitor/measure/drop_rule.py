"""When a figure has dropped: a pure function of its working days (docs/alerts.md).

The days given are completed Vietnam working days on which its source was there; free days and
outages do not exist for it. Thresholds come from the simulation in bench/drops.py.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from math import log, sqrt
from operator import add
from typing import NamedTuple

RECENT = 5
PRIOR = 20
NEWEST = (5, 4, 3, 2)
"""A drop is looked for in the newest so many of the five recent days: of a habit that changed two
days ago the three days before tell nothing but would hide it. Two at least: "held for two days"."""
REST = 2.0
"""Score that is left without the worst day: one mail with many documents is no drop."""
MARGIN = 0.10
GROUP_MARGIN = 0.05
"""By so much at least, or a quarter of the baseline where that is less. Groups are many documents:
of these every change is significant, so what matters is small; but also a mix that shifts."""
MARGIN_OF_BASELINE = 0.25
LEAST_BASELINE = 40.0
LEAST_RECENT = 10.0
"""Documents of the baseline and of the newest days: of fewer a mail with several decides."""
CORRELATION_DAYS = 100
CORRELATION = 0.02
CORRELATION_WEIGHT = 5.0
"""How much documents of one day are alike is known from so many days before the recent ones; what
it is taken for before one was seen, and for how many days that counts (docs/statistics.md)."""
SILENT_EXPECTED = 20.0
SILENT_DAYS = 3
"""So many signed documents at least, over so many days, are missing where there is not one."""
DECLINE_DAYS = 10
DECLINE_EXTRA = 0.3
"""A score higher by so much: every day is asked anew, and nobody is in a hurry."""
LEAST_MONTH_DAYS = 10
Z95 = 1.959963984540054


HIGH_BASE, LOW_BASE = 0.85, 0.60


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of figure asks of a drop.

    False alarms are spent where they buy something: of agencies that sign nearly all, a halving
    shows in thirty documents; of those that sign half of them it does not, at any threshold.
    """

    score: float
    """Signed root of the likelihood ratio from a baseline of HIGH_BASE
    on."""
    score_low: float
    """Up to a baseline of LOW_BASE; in between on a line."""
    margin: float = MARGIN

    def of(self, base: float) -> float:
        """The score that a baseline asks for."""
        share = min(1.0, max(0.0, (base - LOW_BASE) / (HIGH_BASE - LOW_BASE)))
        return self.score_low + (self.score - self.score_low) * share

    def least(self, base: float) -> float:
        """The ratio below which it may be a drop, and above which it is none any more."""
        return base - min(self.margin, MARGIN_OF_BASELINE * base)


DOCUMENTS = Rule(3.8, 4.4)
MAILS = Rule(3.75, 4.4)
DOCUMENTS_OF_MAILS = Rule(4.4, 4.8)
"""Documents of one mail are signed alike and some mails have many: more is left to chance. What is
less certain here shows in the mails themselves."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Some days together. A census has weight == denominator."""

    days: int
    numerator: float
    denominator: float
    """Units; estimated from the drawn where not all were verified."""
    weight: float
    """Sum over the strata of (units / drawn)² drawn, so that denominator² / weight is the effective
    number of units."""
    undecided: float
    squares: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Sums over days of numerator², numerator times denominator, denominator²."""

    @property
    def ratio(self) -> float:
        return self.numerator / self.denominator

    @property
    def most(self) -> float:
        """The ratio if all that is undecided should turn out signed."""
        return (self.numerator + self.undecided) / (self.denominator + self.undecided)

    @property
    def least(self) -> float:
        """The ratio if none of it should."""
        return self.numerator / (self.denominator + self.undecided)

    @property
    def effective(self) -> float:
        """Units in a census that tell as much."""
        return self.denominator**2 / self.weight if self.weight else 0.0

    @property
    def correlation(self) -> float:
        """How much units of one day are alike: SQL day_correlation(), of one window."""
        p = self.ratio
        yy, xy, xx = self.squares
        pairs = p * (1 - p) * (xx - self.weight)
        if self.days < 2 or pairs <= 0:
            return CORRELATION
        scatter = max(0.0, yy - 2 * p * xy + p * p * xx) * self.days / (self.days - 1)
        found = (scatter - p * (1 - p) * self.weight) / pairs
        part = self.days / (self.days + CORRELATION_WEIGHT)
        return min(1.0, max(0.0, found * part + CORRELATION * (1 - part)))

    def independent(self, correlation: float) -> float:
        """As many independent units tell as much: the effective ones over the overdispersion."""
        if not self.weight:
            return 0.0
        return self.effective / (1 + correlation * max(0.0, self.squares[2] / self.weight - 1))


class Span(NamedTuple):
    """Indexes of a baseline's days, both included."""

    first: int
    last: int


@dataclass(frozen=True)
class History:
    """The days of one figure, in order; the sequences are equally long."""

    days: Sequence[date]
    numerators: Sequence[float]
    denominators: Sequence[float]
    weights: Sequence[float]
    undecided: Sequence[float]
    undrawn: Sequence[float]
    """Units that nobody looked at: signed or not."""

    def counts(self, first: int, last: int) -> Counts:
        """Of the days with these indexes, both included."""
        a, b = max(0, first), last + 1
        yy, xy, xx = (sums[b] - sums[a] for sums in self._squares)
        return Counts(
            b - a,
            self._sums[0][b] - self._sums[0][a],
            self._sums[1][b] - self._sums[1][a],
            self._sums[2][b] - self._sums[2][a],
            self._sums[3][b] - self._sums[3][a],
            (yy, xy, xx),
        )

    @cached_property
    def _sums(self) -> Sequence[Sequence[float]]:
        columns = (self.numerators, self.denominators, self.weights, self.undecided)
        return [list(accumulate(column, initial=0.0)) for column in columns]

    @cached_property
    def _upper(self) -> tuple[Sequence[float], Sequence[float]]:
        y, x, _, u = self._sums
        return list(map(add, y, u)), list(map(add, x, u))

    @cached_property
    def _months(self) -> Sequence[Span]:
        found: list[Span] = []
        for index, day in enumerate(self.days):
            if index and self.days[index - 1].month == day.month:
                found.append(found[-1])
            else:
                start = day.replace(day=1)
                before = (start - timedelta(days=1)).replace(day=1)
                first, last = (bisect_left(self.days, each) for each in (before, start))
                found.append(Span(first, last - 1))
        return found

    @cached_property
    def _squares(self) -> Sequence[Sequence[float]]:
        days = list(zip(self.numerators, self.denominators, strict=True))
        products = ([y * y for y, _ in days], [x * y for y, x in days], [x * x for _, x in days])
        return [list(accumulate(column, initial=0.0)) for column in products]

    def most(self, first: int, last: int) -> float:
        """Counts.most of these days, quickly; 1 without units."""
        a, b = max(0, first), last + 1
        upper, units = self._upper
        whole = units[b] - units[a]
        return (upper[b] - upper[a]) / whole if whole else 1.0

    def ratio(self, first: int, last: int) -> float:
        """Counts.ratio of these days, quickly; 0 without units."""
        y, x, _, _ = self._sums
        whole = x[last + 1] - x[first]
        return (y[last + 1] - y[first]) / whole if whole else 0.0

    def last_month(self, index: int) -> Span:
        """The days of the calendar month before that of a day."""
        return self._months[index]

    def correlation(self, floor: int, last: int) -> float:
        """How much units of one day are alike, on the days until this one."""
        return self.counts(max(floor, last - CORRELATION_DAYS + 1), last).correlation

    def silent(self, index: int) -> bool:
        """Nothing was signed on this day, for certain."""
        return self.numerators[index] + self.undecided[index] + self.undrawn[index] == 0


def together(days: Sequence[Counts]) -> Counts:
    """Their sums."""
    yy, xy, xx = (sum(parts) for parts in zip(*(day.squares for day in days), strict=True))
    return Counts(
        len(days),
        sum(day.numerator for day in days),
        sum(day.denominator for day in days),
        sum(day.weight for day in days),
        sum(day.undecided for day in days),
        (yy, xy, xx),
    )


def score(before: Counts, after: Counts, correlation: float) -> float:
    """How far `after` lies below `before`: the signed root of the likelihood ratio of two rates
    against one, of as many units as are independent. What is undecided counts as signed.

    Unlike a difference over its standard error it holds near 0 and 1, where most agencies are.
    """
    n0, n1 = before.independent(correlation), after.independent(correlation) + after.undecided
    if not n1 or after.most >= before.ratio:
        return 0.0
    p0, p1 = before.ratio, after.most
    pooled = (n0 * p0 + n1 * p1) / (n0 + n1)
    return sqrt(2 * (n0 * _divergence(p0, pooled) + n1 * _divergence(p1, pooled)))


def _divergence(p: float, q: float) -> float:
    """Kullback and Leibler's, of two coins."""
    some = p * log(p / q) if p > 0 else 0.0
    none = (1 - p) * log((1 - p) / (1 - q)) if p < 1 else 0.0
    return max(0.0, some + none)


def wilson_low(ratio: float, units: float) -> float:
    """Lower end of Wilson's 95% interval."""
    z = Z95 * Z95 / units
    half = Z95 * sqrt(ratio * (1 - ratio) / units + z / (4 * units))
    return max(0.0, (ratio + z / 2 - half) / (1 + z))


class Standing(NamedTuple):
    """Where a figure stands after its last day; indexes are of the history's days."""

    baseline: Span | None
    drop_from: int | None
    silent_from: int | None
    decline_from: int | None
    month: Span | None
    acknowledged: date | None


@dataclass
class _Machine:
    """Goes over the days once; what it carries along is derived from earlier days alone."""

    history: History
    rule: Rule
    acknowledged_on: Sequence[date]
    baseline: Span | None = None
    counted: tuple[Span, Counts | None] | None = None
    """The last baseline of which the counts were asked for."""
    held_until: int = -1
    """The baseline stays as it is on days up to this one."""
    floor: int = 0
    """No baseline begins before: what was acknowledged is over."""
    drop_from: int | None = None
    quiet_from: int | None = None
    silent: bool = False
    decline_from: int | None = None
    month: Span | None = None
    acknowledged: int | None = None

    def run(self) -> Iterator[Standing]:
        due = {bisect_right(self.history.days, day) - 1 for day in self.acknowledged_on}
        for index in range(len(self.history.days)):
            self._roll(index)
            self._watch_silence(index)
            self._watch_drop(index)
            self._watch_decline(index)
            if index in due:
                self._acknowledge(index)
            yield self._standing()

    def _standing(self) -> Standing:
        noted = self.acknowledged
        return Standing(
            self.baseline,
            self.drop_from,
            self.quiet_from if self.silent else None,
            self.decline_from,
            self.month,
            None if noted is None else self.history.days[noted],
        )

    # -- the baseline ------------------------------------------------------------------------

    def _roll(self, index: int) -> None:
        if self.acknowledged is not None and index >= self.acknowledged + PRIOR:
            self.acknowledged = None
        if self.drop_from is not None or self.silent or index <= self.held_until:
            return
        first = max(self.floor, index - RECENT - PRIOR + 1)
        last = index - RECENT
        if self.acknowledged is not None:
            last = max(last, self.acknowledged)
        self.baseline = Span(first, last) if last >= first else None

    def _before(self) -> Counts | None:
        """The baseline's counts, where there is enough of it."""
        if self.baseline is None:
            return None
        if self.counted is None or self.counted[0] != self.baseline:
            self.counted = (self.baseline, usable(self.history, self.baseline))
        return self.counted[1]

    def _hold(self, index: int) -> None:
        """After recovery the days of the drop are no baseline: the one before it stays until they
        have left.
        """
        self.held_until = index + PRIOR

    def _acknowledge(self, index: int) -> None:
        self.drop_from = self.quiet_from = self.decline_from = self.month = None
        self.silent = False
        self.floor = max(self.floor, index - RECENT + 1)
        self.acknowledged = index
        self.held_until = -1
        self.baseline = Span(self.floor, index)

    # -- what is watched ---------------------------------------------------------------------

    def _watch_silence(self, index: int) -> None:
        if not self.history.silent(index):
            if self.silent:
                self._hold(index)
            self.quiet_from, self.silent = None, False
            return
        if self.quiet_from is None:
            self.quiet_from = index
        if not self.silent and (before := self._before()):
            days = index - self.quiet_from + 1
            expected = before.ratio * before.effective / before.days * days
            self.silent = days >= SILENT_DAYS and expected >= SILENT_EXPECTED

    def _watch_drop(self, index: int) -> None:
        if self.drop_from is None:
            if self.baseline and self._lower(index, self.baseline) and (before := self._before()):
                self.drop_from = self._dropped(index, before)
        elif before := self._before():
            recent = self.history.counts(index - RECENT + 1, index)
            enough = recent.effective >= LEAST_RECENT
            if enough and recent.least >= self.rule.least(before.ratio):
                self.drop_from = None
                self._hold(index)

    def _lower(self, index: int, baseline: Span) -> bool:
        """Whether some newest days may be a drop: most days end here, so it is quick."""
        if index <= baseline.last:
            return False
        ratio = self.history.ratio(baseline.first, baseline.last)
        least = self.rule.least(ratio)
        return any(self.history.most(index - newest + 1, index) <= least for newest in NEWEST)

    def _dropped(self, index: int, before: Counts) -> int | None:
        """The first day of the drop that this day makes certain."""
        least = self.rule.least(before.ratio)
        below = [n for n in NEWEST if self.history.most(index - n + 1, index) <= least]
        correlation = self._correlation(index)
        best, found = self.rule.of(before.ratio), None
        for newest in below:
            after = self.history.counts(index - newest + 1, index)
            if after.effective + after.undecided >= LEAST_RECENT:
                reached = score(before, after, correlation)
                if reached >= best and self._rest(index, newest, before, correlation) >= REST:
                    best, found = reached, index - newest + 1
        return found

    def _rest(self, index: int, newest: int, before: Counts, correlation: float) -> float:
        """The score without the day that lacks most."""
        days = [self.history.counts(i, i) for i in range(index - newest + 1, index + 1)]
        lacking = [
            before.ratio * (d.denominator + d.undecided) - d.numerator - d.undecided for d in days
        ]
        days.pop(lacking.index(max(lacking)))
        return score(before, together(days), correlation)

    def _correlation(self, index: int) -> float:
        last = self.baseline.last if self.baseline else index - RECENT
        return self.history.correlation(self.floor, last)

    def _watch_decline(self, index: int) -> None:
        if self.drop_from is not None:
            self.decline_from = None
            return
        self.month = self._last_month(index)
        if not self._declined(index):
            self.decline_from = None
        elif self.decline_from is None:
            self.decline_from = index

    def _declined(self, index: int) -> bool:
        if self.month is None:
            return False
        ratio = self.history.ratio(self.month.first, self.month.last)
        if self.history.most(index - DECLINE_DAYS + 1, index) > self.rule.least(ratio):
            return False
        before = self.history.counts(self.month.first, self.month.last)
        after = self.history.counts(index - DECLINE_DAYS + 1, index)
        if before.effective < LEAST_BASELINE or after.effective < LEAST_RECENT:
            return False
        correlation = self.history.correlation(self.floor, self.month.last)
        return score(before, after, correlation) >= self.rule.of(before.ratio) + DECLINE_EXTRA

    def _last_month(self, index: int) -> Span | None:
        """The days of the last closed month that are not among the newest ten."""
        first, last = self.history.last_month(index)
        last = min(last, index - DECLINE_DAYS)
        if first < self.floor or last - first + 1 < LEAST_MONTH_DAYS:
            return None
        return Span(first, last)


def usable(history: History, baseline: Span) -> Counts | None:
    """What a baseline comes to; None where it is too little to hold something against."""
    counts = history.counts(baseline.first, baseline.last)
    enough = counts.effective >= LEAST_BASELINE and counts.numerator > 0
    return counts if enough else None


def standings(
    history: History, rule: Rule, acknowledged: Sequence[date] = ()
) -> Iterator[Standing]:
    """How each day of the history stands against what went before it.

    `acknowledged`: the last completed days on which somebody took note of what held then.
    """
    return _Machine(history, rule, acknowledged).run()
