"""Numbers and days within sentences, as the reader writes them; cells are formatted by writers."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from monitor.clock import VIETNAM
from monitor.model import Language

_LEAST, _MOST = Decimal("0.1"), Decimal("99.9")
SAME_BELOW = 0.0005
"""Differences of shares that would be shown as 0.0 points."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Vietnamese: 1.234,5; English: 1,234.5. Days are dd/MM/yyyy in both."""

    language: Language

    def count(self, value: int) -> str:
        return self._signs(f"{value:,}")

    def percent(self, ratio: float) -> str:
        """With one digit. What is not all is never "100,0%", what is not none never "0,0%"."""
        shown = _tenth(ratio)
        if 0 < ratio < 1:
            shown = min(max(shown, _LEAST), _MOST)
        return self._signs(f"{shown:,}") + "%"

    def whole_percent(self, ratio: float) -> str:
        """A target's: without the digits that it does not have."""
        shown = (Decimal(repr(ratio)) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
        return self._signs(f"{shown:f}") + "%"

    def points(self, difference: float) -> str:
        """How many percentage points lie between two shares, without sign."""
        return self._signs(f"{_tenth(abs(difference)):,}")

    def decimal(self, value: float) -> str:
        """A plain number with the digits that it has, at most three."""
        shown = Decimal(repr(value)).quantize(Decimal("0.001"), ROUND_HALF_UP).normalize()
        return self._signs(f"{shown:f}")

    def day(self, day: date) -> str:
        return f"{day:%d/%m/%Y}"

    def instant(self, when: datetime) -> str:
        """Vietnam time."""
        return f"{when.astimezone(VIETNAM):%d/%m/%Y %H:%M}"

    def _signs(self, text: str) -> str:
        if self.language is Language.EN:
            return text
        return text.translate(str.maketrans(",.", ".,"))


def _tenth(ratio: float) -> Decimal:
    return (Decimal(repr(ratio)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def roman(number: int) -> str:
    """I, II, III, … up to 39: groups of a table, quarters."""
    return "X" * (number // 10) + (
        "", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX",
    )[number % 10]  # fmt: skip
