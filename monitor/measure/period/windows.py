"""The days and agencies that figures of a period are of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from monitor.periods import Period

PERIOD = "period"
"""What `closed_figure.about` says of the period's own figures."""


class Span(NamedTuple):
    """Vietnam days, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Against:
    """A period that another is compared with."""

    about: str
    """`previous` or `year_before`."""
    period: Period
    panel: Collection[int]
    """Agencies in force on every day from the first of the earlier to the last of the later."""
    facts: bool
    """Documents or mail were recorded, or registers given, of its days."""
    closed: bool
    """Its own closing says what it was."""


@dataclass(frozen=True, slots=True)
class Window:
    """A set of days, and whose facts count on them."""

    name: str
    """`closed_figure.about`, and after a slash the panel if there is one."""
    days: Span
    panel: Collection[int] | None
    """Ids of the only agencies that count; None is all."""
    in_force: Span
    """They count in the level that they had on their last day among these."""
