"""How far targets are reached: from the figures of this moment, never from what is not known."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

import asyncpg

from monitor.measure.figures import State
from monitor.measure.plan import Baseline, Plan, Target
from monitor.measure.statements import sql
from monitor.record.connection import Connection


class Assessment(StrEnum):
    """What may be said of a target today."""

    MET = "met"
    MISSED = "missed"
    """Its day has passed."""
    ON_TRACK = "on_track"
    """At or above the straight line from baseline to target."""
    BEHIND = "behind"
    UNASSESSABLE = "unassessable"
    """There is no figure that may be used: that is neither met nor 0%."""
    UNCONFIRMED = "unconfirmed"
    """What the plan means is unclear, and nobody has confirmed a reading."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figure of one agency or group for a target."""

    code: str
    """Agency code, name of the level, or `province`."""
    name: str
    numerator: int
    denominator: int
    state: State


@dataclass(frozen=True, slots=True)
class Progress:
    """One target for one agency or group."""

    target: Target
    code: str
    name: str
    """Of the agency; empty for a group."""
    numerator: int
    denominator: int
    state: State
    days_left: int
    """Until the day it is due; negative afterwards."""
    path: Fraction | None
    """The straight line's value today; None without a baseline."""

    @property
    def ratio(self) -> Fraction | None:
        """None while the figure may not be used: no data is never 0%."""
        if self.state is not State.OK or not self.denominator:
            return None
        return Fraction(self.numerator, self.denominator)

    @property
    def falls(self) -> bool:
        """The ratio is to come down to the value: of free mail less is better."""
        return self.target.indicator == "freemail"

    def _reaches(self, value: Fraction) -> bool:
        if self.ratio is None:
            return False
        return self.ratio <= value if self.falls else self.ratio >= value

    @property
    def gap(self) -> Fraction | None:
        """What the ratio lacks, or has too much of; 0 when it is reached."""
        if self.ratio is None or self._reaches(self.target.value):
            return None if self.ratio is None else Fraction(0)
        return abs(self.target.value - self.ratio)

    @property
    def units_short(self) -> int | None:
        """How many more units (officials, documents, agencies) would reach it today; of free
        mail how many fewer.
        """
        if self.ratio is None:
            return None
        wanted = self.target.value * self.denominator
        if self.falls:
            return max(0, self.numerator - math.floor(wanted))
        return max(0, math.ceil(wanted) - self.numerator)

    @property
    def assessment(self) -> Assessment:
        if not self.target.counts:
            return Assessment.UNCONFIRMED
        if self.ratio is None:
            return Assessment.UNASSESSABLE
        if self._reaches(self.target.value):
            return Assessment.MET
        if self.days_left < 0:
            return Assessment.MISSED
        on_track = self.path is not None and self._reaches(self.path)
        return Assessment.ON_TRACK if on_track else Assessment.BEHIND


def assess(target: Target, measured: Measured, baseline: Baseline | None, today: date) -> Progress:
    """Set a figure beside its target."""
    return Progress(
        target,
        measured.code,
        measured.name,
        measured.numerator,
        measured.denominator,
        measured.state,
        (target.due - today).days,
        line(baseline, target, today) if baseline else None,
    )


def decimal(share: Fraction | None) -> float | None:
    """A share as the record and JSON have it."""
    return None if share is None else float(share)


def line(baseline: Baseline, target: Target, today: date) -> Fraction:
    """The straight line's value on a day: before it begins the baseline's, then the target's."""
    days = (target.due - baseline.on).days
    if days <= 0 or today >= target.due:
        return target.value
    passed = Fraction(max(0, (today - baseline.on).days), days)
    return baseline.value + (target.value - baseline.value) * passed


async def progress(connection: Connection, plan: Plan, today: date) -> list[Progress]:
    """Every target of a plan, and each agency in force of an `each:` target, in the plan's order.

    The first usable figure of a target without a baseline of its own is remembered as its baseline
    (`target_baseline`). Raises what asyncpg raises.
    """
    rows = await connection.fetch(sql("target_figures"), *wanted(plan.targets), today)
    firsts = await _baselines(connection, plan.targets, rows, today)
    found = []
    for row in rows:
        target = plan.targets[row["ordinal"]]
        baseline = target.baseline or firsts.get((target.id, row["code"]))
        found.append(assess(target, measured_of(row), baseline, today))
    return found


def wanted(targets: Sequence[Target]) -> Sequence[list[object]]:
    """The columns of `target_figures.sql` and `period_target_figures.sql`."""
    return (
        list(range(len(targets))),
        [each.indicator.value for each in targets],
        [each.scope_kind.value for each in targets],
        [each.code for each in targets],
        [each.each for each in targets],
        [each.measured_channel.value for each in targets],
        [each.document_class.value for each in targets],
        [each.role.value if each.role else "" for each in targets],
        ["" if each.base == "roster" else each.base for each in targets],
        [each.window.value for each in targets],
        [each.indicator.of_accounts for each in targets],
    )


def measured_of(row: asyncpg.Record) -> Measured:
    """A row of `target_figures.sql`."""
    return Measured(
        row["code"], row["name"], row["numerator"], row["denominator"], State(row["state"])
    )


async def _baselines(
    connection: Connection, targets: Sequence[Target], rows: Iterable[asyncpg.Record], today: date
) -> Mapping[tuple[str, str], Baseline]:
    """The first figures of targets that give no baseline, those of this moment included."""
    fresh = [
        (targets[row["ordinal"]], measured_of(row))
        for row in rows
        if targets[row["ordinal"]].baseline is None
        and row["state"] == State.OK
        and row["denominator"]
    ]
    if fresh:
        await connection.execute(
            sql("remember_baselines"),
            [target.id for target, _ in fresh],
            [_what(target) for target, _ in fresh],
            [measured.code for _, measured in fresh],
            today,
            [measured.numerator for _, measured in fresh],
            [measured.denominator for _, measured in fresh],
        )
    return await known_baselines(connection, targets, today)


async def known_baselines(
    connection: Connection, targets: Sequence[Target], until: date
) -> Mapping[tuple[str, str], Baseline]:
    """The first figures of targets, by target and code, that were remembered until a day."""
    known = await connection.fetch("SELECT * FROM target_baseline WHERE day <= $1", until)
    of = {target.id: _what(target) for target in targets}
    return {
        (row["target"], row["code"]): Baseline.model_construct(
            on=row["day"], value=Fraction(row["numerator"], row["denominator"])
        )
        for row in known
        if of.get(row["target"]) == row["of"]
    }


def _what(target: Target) -> str:
    """What a target measures: a target that measures something else begins a line of its own."""
    parts = (
        target.indicator, target.scope, target.channel or "", target.window, target.role or "",
        target.base, target.document_class,
    )  # fmt: skip
    return "|".join(parts)
