"""What a closing says of how its figures were made, read from `closing.basis`.

The keys are those of monitor/measure/closing/basis.py. What an older version did not keep is not
said: nothing is made up afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from monitor.measure.windows import days_between

SATURDAY = 6


@dataclass(frozen=True, slots=True)
class Basis:
    """Settings and knowledge of the moment of closing."""

    program: str = ""
    working_days: int | None = None
    """Of the days that account figures are of."""
    habitual_days: int | None = None
    human: tuple[str, ...] = ()
    """Kinds of activity that a person's own doing shows."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the definition of each indicator."""
    waited_days: int | None = None
    """Complete days after the period's last before it was closed."""
    early: bool = False
    """It was closed before the days for late data had passed."""
    unknown_senders: int = 0
    silent_days: Mapping[str, Sequence[date]] = field(default_factory=dict)
    """Working days on which a channel brought nothing at all."""
    rates: tuple[float, ...] = ()
    """Verification rates that were in force."""


def basis_of(given: Mapping[str, Any], first: date, last: date) -> Basis:
    """The basis of a closing; from `first` to `last` are the days that account figures are of."""
    settings = given.get("settings", {})
    calendar = given.get("calendar_days")
    return Basis(
        program=str(given.get("program", "")),
        working_days=None if calendar is None else _working(calendar, first, last),
        habitual_days=settings.get("accounts.habitual_days"),
        human=tuple(settings.get("accounts.human", ())),
        versions={
            name: str(each["version"]) for name, each in given.get("definitions", {}).items()
        },
        waited_days=given.get("waited_days"),
        early=bool(given.get("early", False)),
        unknown_senders=given.get("unknown_senders", 0),
        silent_days={
            channel: [date.fromisoformat(day) for day in days]
            for channel, days in given.get("silent_days", {}).items()
        },
        rates=tuple(sorted({each["rate"] for each in given.get("sampling", ())})),
    )


def _working(exceptions: Mapping[str, bool], first: date, last: date) -> int:
    """Monday to Friday, unless the calendar said otherwise."""
    return sum(
        exceptions.get(day.isoformat(), day.isoweekday() < SATURDAY)
        for day in days_between(first, last)
    )
