"""Cells of a table: each value as what it is, in the reader's form."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from monitor.measure.figures import State
from monitor.report.model import Cell, Column, Heading, Share
from monitor.report.numbers import SAME_BELOW, Numbers
from monitor.report.xlsx.book import GREY, TABLE, Book, Sheet, Style

DASH = "–"
"""Of what is unknown or does not apply; never 0."""
DAY = r"dd\/mm\/yyyy"
MARKS = {State.INSUFFICIENT: "*", State.STALE: "†"}
SAMPLED = "≈ "
_CENTRED = {Column.ORDINAL, Column.COUNT, Column.SHARE, Column.POINTS, Column.DATE}


@dataclass
class Cells:
    """Writes the cells of one table, and remembers which marks it used."""

    book: Book
    sheet: Sheet
    marks: set[State] = field(default_factory=set)
    sampled: bool = False
    unknown: bool = False

    def write(self, row: int, column: int, heading: Heading, cell: Cell, style: Style) -> None:
        centred = heading.kind in _CENTRED
        style = replace(style, align="center" if centred else "left", indent=not centred)
        match cell:
            case None if heading.kind is Column.ORDINAL:
                self.sheet.blank(row, column, style)
            case None:
                self.unknown = True
                self.sheet.text(row, column, DASH, replace(style, align="center", indent=False))
            case Share():
                self._share(row, column, cell, style)
            case date():
                self.sheet.date(row, column, cell, replace(style, number=DAY))
            case int() | float():
                self._number(row, column, heading.kind, cell, style)
            case _:
                self.sheet.text(row, column, cell, replace(style, wrap=True))

    def interval(self, row: int, column: int, cell: Cell, style: Style) -> None:
        """Beside a share that may be an estimate: "78,2 – 84,5%"."""
        style = replace(style, align="center", color=GREY)
        if not isinstance(cell, Share) or not cell.sampled or cell.low is None or cell.high is None:
            self.sheet.blank(row, column, style)
            return
        say = Numbers(self.book.head.language)
        text = f"{say.percent(cell.low).rstrip('%')} {DASH} {say.percent(cell.high)}"
        self.sheet.text(row, column, text, style)

    def _number(self, row: int, column: int, kind: Column, cell: float, style: Style) -> None:
        locale = self.book.locale
        if kind is Column.POINTS:
            # What is shown as nothing is nothing: else Excel writes "-0.0".
            cell = 0.0 if abs(cell) < SAME_BELOW else cell * 100
            number = f"{locale}+0.0;{locale}-0.0;{locale}0.0"
        elif kind is Column.ORDINAL:
            number = "0"
        else:
            number = f"{locale}#,##0" if isinstance(cell, int) else f"{locale}#,##0.0"
        self.sheet.number(row, column, cell, replace(style, number=number))

    def _share(self, row: int, column: int, share: Share, style: Style) -> None:
        doubtful = share.state is not State.OK
        style = replace(style, italic=doubtful, color=GREY if doubtful else "")
        if share.ratio is None or share.state is State.NO_DATA:
            self.unknown = True
            self.marks |= {share.state} & MARKS.keys()
            self.sheet.text(row, column, DASH + MARKS.get(share.state, ""), style)
            return
        if doubtful:
            self.marks.add(share.state)
        self.sampled |= share.sampled
        number = self._percent(share.ratio, MARKS.get(share.state, ""), share.sampled)
        self.sheet.number(row, column, share.ratio, replace(style, number=number))

    def _percent(self, ratio: float, mark: str, sampled: bool) -> str:
        before = f'"{SAMPLED}"' if sampled else ""
        after = f'"{mark}"' if mark else ""
        if 0 < ratio < 0.001 or 0.999 < ratio < 1:
            # Not all is never shown as 100,0%, not none never as 0,0%.
            return f'{before}"{Numbers(self.book.head.language).percent(ratio)}"{after}'
        return f"{self.book.locale}{before}0.0%{after}"


def said(cell: Cell) -> str:
    """The words of a cell that has some; numbers and days never break into lines."""
    return cell if isinstance(cell, str) else ""


def has_sampled(cells: Iterable[Cell]) -> bool:
    return any(isinstance(cell, Share) and cell.sampled for cell in cells)


BODY = Style(size=TABLE, border=True)
