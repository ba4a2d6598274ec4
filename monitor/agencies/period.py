"""Stretches of Vietnam days in which an entry of the registry is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Period:
    """Vietnam days from `first` to `last`, both included."""

    first: date = date.min
    last: date = date.max

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlap(self, other: "Period") -> "Period | None":
        """The days in both, or None."""
        both = Period(max(self.first, other.first), min(self.last, other.last))
        return both if both.first <= both.last else None

    def uncovered(self, covers: "Iterable[Period]") -> "Period | None":
        """The first stretch of these days that no cover holds."""
        first = self.first
        for cover in sorted(covers):
            if cover.first > first:
                return Period(first, min(self.last, cover.first - timedelta(days=1)))
            if cover.last >= self.last:
                return None
            first = max(first, cover.last + timedelta(days=1))
        return Period(first, self.last)

    def __str__(self) -> str:
        if self == Period():
            return "at all times"
        if self.last == date.max:
            return f"from {self.first}"
        if self.first == date.min:
            return f"up to {self.last}"
        return f"from {self.first} to {self.last}"
