"""Stretches of Vietnam days in which an entry of the registry is in force."""

from dataclasses import dataclass
from datetime import date


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

    def __str__(self) -> str:
        if self == Period():
            return "at all times"
        if self.last == date.max:
            return f"from {self.first}"
        if self.first == date.min:
            return f"up to {self.last}"
        return f"from {self.first} to {self.last}"
