"""A figure as data: a row of the long CSV, an entry of `figures` in JSON (docs/report-data.md)."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any

from pydantic import ConfigDict

from monitor.measure.figures import Scope, State
from monitor.report.model import FigureRow, Report


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure. Its fields only grow, at the end; unknown is null, and empty in CSV."""

    __pydantic_config__ = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    about: str
    """`period`, or what it is compared with: `previous`, `year_before`."""
    panel: str
    """Of groups: `previous` or `year_before` counts only the agencies in force on every day of both
    periods; empty is all agencies."""
    indicator: str
    """Its id (docs/indicators.md)."""
    scope: Scope
    """`agency`, `level` or `province`."""
    code: str
    """Of the agency or level; `province`."""
    name: str
    """As readers know it, in the report's language."""
    level: str | None
    """Of the agency, or the level itself; null for the province."""
    channel: str
    """`mail`, `docsys`, `axis`, `portal`."""
    document_class: str
    """`formal`; `editable` stands beside it; empty for accounts."""
    role: str
    """Of accounts: `leader`, `staff`, `mailbox`; empty is everyone."""
    base: str
    """Empty is the indicator's own; beside it `provisioned` (over enabled accounts), `main`
    (without copies and appendices), `observed` (by captured files alone, without an agency's word).
    """
    first_day: date
    """Of the days that the figure is of: accounts are those of a period's last month."""
    last_day: date
    """The last of them."""
    numerator: int
    """At a census the count; of a sample its estimate, rounded."""
    denominator: int
    """What the numerator is a part of."""
    undecided: int
    """Units that could not be decided for lack of our own data: in neither."""
    checked: int | None
    """Units of the denominator that were verified; null where nothing is."""
    ratio: float | None
    """0 to 1; null without data, never 0."""
    low: float | None
    """Lower bound of the finite-population interval, 95%: at a census the ratio itself; null for
    rosters."""
    high: float | None
    """Upper bound of the same."""
    sample_fraction: float
    """Of the messages, how many were drawn for verification: 1 is a census."""
    coverage: float | None
    """Captured of what an independent source says was sent; null without one."""
    undecided_share: float | None
    """Undecided of all that would be in the denominator."""
    state: State
    """`ok`, `insufficient`, `no_data`, `stale`."""
    definition: str | None
    """Version of the indicator's definition; null of what the period is compared with, which may
    have been counted by another."""


COLUMNS = tuple(field.name for field in fields(FigureLine))
_OF_ROW = {field.name for field in fields(FigureRow)}
_values = attrgetter(*(name if name in _OF_ROW else f"figure.{name}" for name in COLUMNS[:-1]))


def figure_values(report: Report) -> Iterator[tuple[Any, ...]]:
    """The values of `COLUMNS` of each figure: reports have hundreds of thousands."""
    versions = report.definitions
    for row in report.figures:
        version = versions.get(row.figure.indicator) if row.about == "period" else None
        yield (*_values(row), version)


def figure_lines(report: Report) -> Iterator[FigureLine]:
    """The figures of a report, in its order."""
    return (FigureLine(*values) for values in figure_values(report))
