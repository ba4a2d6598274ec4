"""Cells of tables as the reader reads them: lines of text, and marks that a legend explains."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.measure.figures import State
from monitor.report.model import Cell, Column, Share
from monitor.report.numbers import SAME_BELOW, Numbers
from monitor.report.pdf.text import LONGEST, UNSHOWN, in_cell, shown

NOTHING = "–"
MARKS = {State.INSUFFICIENT: "*", State.STALE: "†"}
ALIGNS = {
    Column.ORDINAL: "center",
    Column.TEXT: "left",
    Column.WIDE: "left",
    Column.COUNT: "right",
    Column.SHARE: "center",
    Column.POINTS: "right",
    Column.DATE: "center",
}


@dataclass(frozen=True, slots=True)
class Cells:
    """How the cells of one language look."""

    numbers: Numbers
    words: Mapping[str, Any]

    def lines(self, cell: Cell, kind: Column) -> tuple[str, ...]:
        """A cell as lines of text; of an estimate the second is its interval."""
        match cell:
            case None:
                return ("" if kind is Column.ORDINAL else NOTHING,)
            case Share():
                return self._share(cell)
            case bool():
                raise TypeError("a cell is never true or false")
            case date():
                return (self.numbers.day(cell),)
            case int():
                return (self.numbers.count(cell),)
            case float():
                return (self.points(cell),)
            case str():
                return (in_cell(cell),)

    def points(self, difference: float) -> str:
        """+1,2 or −2,1: a difference in percentage points."""
        sign = "" if abs(difference) < SAME_BELOW else "+" if difference > 0 else "\N{MINUS SIGN}"
        return sign + self.numbers.points(difference)

    def _share(self, share: Share) -> tuple[str, ...]:
        if share.ratio is None:
            return (NOTHING + MARKS.get(share.state, ""),)
        shown = self.numbers.percent(share.ratio) + MARKS.get(share.state, "")
        interval = self._interval(share)
        return (shown, interval) if interval else (shown,)

    def _interval(self, share: Share) -> str:
        """(92,1–96,0), or nothing at a census."""
        if share.low is None or share.high is None or not share.sampled:
            return ""
        low, high = (self.numbers.percent(end).removesuffix("%") for end in (share.low, share.high))
        return f"({low}–{high})"


def explained(cells: Iterable[Cell]) -> Iterator[str]:
    """Keys of the legend for what these cells have, in the legend's order."""
    several = list(cells)
    shares = [each for each in several if isinstance(each, Share)]
    texts = [shown(each) for each in several if isinstance(each, str)]
    found = {
        "unknown": any(each.ratio is None for each in shares),
        "sampled": any(each.ratio is not None and each.sampled for each in shares),
        "insufficient": any(each.state is State.INSUFFICIENT for each in shares),
        "stale": any(each.state is State.STALE for each in shares),
        "unshown": any(UNSHOWN in each for each in texts),
        "shortened": any(len(each) > LONGEST for each in texts),
    }
    return (key for key, is_there in found.items() if is_there)
