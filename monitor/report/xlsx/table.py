"""A sheet of one table: title, headings of one or two levels, rows, total, notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from monitor.report.model import Cell, Column, Heading, Row, Share, Table
from monitor.report.numbers import Numbers
from monitor.report.xlsx.book import GROUP, PLAIN, SHADE, TABLE, Book, Sheet, Style
from monitor.report.xlsx.cells import BODY, Cells, has_sampled, said
from monitor.report.xlsx.text import INSIDE, height, lines, longest_word, width

ROWS = 1_048_576
"""Of a sheet (Excel's specifications and limits)."""
TITLE = Style(size=14, bold=True, align="center", wrap=True)
SPAN = Style(size=PLAIN, italic=True, align="center", wrap=True)
REMARK = replace(SPAN, bold=True, color="#9C0006")
HEADING = Style(size=TABLE, bold=True, align="center", wrap=True, border=True, shade=SHADE)
NOTE = Style(size=PLAIN, italic=True, wrap=True, valign="top")
EMPTY = Style(size=TABLE, italic=True, align="center", wrap=True, border=True)
LEAST = 640
"""Pixels that titles and notes have at least, beside a narrow table."""
PADDING = INSIDE + 10
SCREEN = 1250
"""Pixels of a small screen; wider tables are shown smaller."""
LETTER = 15
"""Pixels of the widest letters, bold: texts that fit by it need no measuring."""
BUTTON = 18
"""Pixels of the filter's button in a heading."""
WIDEST = {Column.WIDE: 330, Column.TEXT: 190}
LEAST_OF = {Column.WIDE: 110, Column.TEXT: 70}
LEVELS = 2.6
"""Lines that a heading takes, about."""
SPARE = 60
"""Rows of a sheet kept for title, headings, total and notes."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of the sheet: a column of the table, or the interval beside one."""

    index: int
    heading: Heading
    interval: bool = False


def write_table(book: Book, table: Table, rows: int = ROWS) -> None:
    """One sheet, or several one after the other where a sheet has too few `rows`."""
    places = tuple(_places(table))
    widths = [_width(book, table, place, _beside(places, place)) for place in places]
    most = rows - SPARE
    starts = range(0, max(len(table.rows), 1), most)
    for part, start in enumerate(starts, 1):
        last = part == len(starts)
        name = table.sheet if part == 1 else f"{table.sheet} ({part})"
        title = table.title
        if part > 1:
            title = book.words.continued.format(title=title, part=part)
        shown = table.rows if len(starts) == 1 else table.rows[start : start + most]
        _Part(book, book.sheet(name), table, places, widths).write(title, shown, last=last)


class _Part:
    """The rows of a table that one sheet holds."""

    def __init__(
        self,
        book: Book,
        sheet: Sheet,
        table: Table,
        places: Sequence[_Place],
        widths: Sequence[float],
    ) -> None:
        self._book, self._sheet, self._table = book, sheet, table
        self._places, self._widths = places, widths
        self._cells = Cells(book, sheet)
        self._across, self._room = _span(widths)
        self._row = 0

    def write(self, title: str, rows: Sequence[Row], *, last: bool) -> None:
        self._sheet.widths(self._widths)
        self._sheet.paper(title, landscape=self._table.landscape)
        if sum(self._widths) > SCREEN:
            self._sheet.raw.set_zoom(85)
        self._line(title, TITLE)
        self._line(self._book.head.span, SPAN)
        self._line(self._book.head.remark, REMARK)
        self._headings()
        self._body(rows)
        if last:
            self._total()
            self._notes()
        self._sheet.finish()

    def _line(self, text: str, style: Style) -> None:
        if not text:
            return
        self._sheet.height(self._row, height(text, self._room, style.size, bold=style.bold))
        self._sheet.across(self._row, 0, self._across, text, style)
        self._row += 1

    def _headings(self) -> None:
        """The lower row has every title, for filters and other programs; above it the groups."""
        first = self._row
        grouped = any(place.heading.over for place in self._places)
        if grouped:
            self._groups()
        self._sheet.height(self._row, max(map(self._heading_height, range(len(self._places)))))
        for column, place in enumerate(self._places):
            alone = grouped and not place.heading.over
            style = replace(HEADING, open="top") if alone else HEADING
            self._sheet.text(self._row, column, _title(self._book, place), style)
        self._sheet.raw.repeat_rows(first, self._row)
        self._row += 1
        self._sheet.raw.freeze_panes(self._row, _frozen(self._places))

    def _groups(self) -> None:
        column = 0
        tallest = PLAIN * 2.0
        spans = []
        for over, places in groupby(self._places, key=lambda place: place.heading.over):
            end = column + len(list(places)) - 1
            spans.append((over, column, end))
            room = sum(self._widths[column : end + 1])
            tallest = max(tallest, height(over, room, TABLE, bold=True))
            column = end + 1
        self._sheet.height(self._row, tallest)
        for over, start, end in spans:
            if over:
                self._sheet.across(self._row, start, end, over, HEADING)
            else:
                for each in range(start, end + 1):
                    self._sheet.blank(self._row, each, replace(HEADING, open="bottom"))
        self._row += 1

    def _heading_height(self, column: int) -> float:
        text = _title(self._book, self._places[column])
        return height(text, self._widths[column], TABLE, bold=True) + BUTTON * 0.75

    def _body(self, rows: Sequence[Row]) -> None:
        if not rows:
            self._sheet.height(self._row, height(self._table.empty, sum(self._widths), TABLE))
            self._sheet.across(self._row, 0, len(self._places) - 1, self._table.empty, EMPTY)
            self._row += 1
            return
        first = self._row
        for row in rows:
            self._write_row(row)
        self._sheet.raw.autofilter(first - 1, 0, self._row - 1, len(self._places) - 1)

    def _total(self) -> None:
        if self._table.total is not None:
            self._write_row(self._table.total, SHADE)

    def _write_row(self, row: Row, shade: str = "") -> None:
        style = BODY
        if row.emphasis or shade:
            style = replace(BODY, bold=True, shade=shade or GROUP)
        self._sheet.height(self._row, self._row_height(row, bold=style.bold))
        for column, place in enumerate(self._places):
            cell = row.cells[place.index]
            if place.interval:
                self._cells.interval(self._row, column, cell, style)
            else:
                self._cells.write(self._row, column, place.heading, cell, style)
        self._row += 1

    def _row_height(self, row: Row, *, bold: bool) -> float:
        """LibreOffice fits no row by itself when it converts a file, so each has its height."""
        tallest = 1
        for pixels, place in zip(self._widths, self._places, strict=True):
            text = said(row.cells[place.index])
            if len(text) * LETTER > pixels and not place.interval:
                tallest = max(tallest, lines(text, pixels, TABLE, bold=bold))
        return tallest * TABLE * 1.3 + 4

    def _notes(self) -> None:
        words = self._book.words
        self._row += 1
        for text in self._table.notes:
            self._line(text, NOTE)
        for state, text in words.marks.items():
            if state in self._cells.marks:
                self._line(text, NOTE)
        if self._cells.sampled:
            self._line(words.sampled, NOTE)
        if self._cells.unknown:
            self._line(words.unknown, NOTE)


# -- columns ---------------------------------------------------------------------------------------


def _places(table: Table) -> Iterator[_Place]:
    for index, heading in enumerate(table.headings):
        yield _Place(index, heading)
        column = (row.cells[index] for row in _all(table))
        if heading.kind is Column.SHARE and has_sampled(column):
            yield _Place(index, heading, interval=True)


def _all(table: Table) -> Iterator[Row]:
    return chain(table.rows, (table.total,) if table.total else ())


def _title(book: Book, place: _Place) -> str:
    return book.words.interval if place.interval else place.heading.title


def _beside(places: Sequence[_Place], place: _Place) -> int:
    """Columns below the same head."""
    return sum(each.heading.over == place.heading.over for each in places)


def _width(book: Book, table: Table, place: _Place, beside: int) -> float:
    """Pixels: of the content, within what its kind may take, and of no heading's word less."""
    title = _title(book, place)
    least = longest_word(title, TABLE, bold=True)
    over = width(place.heading.over, TABLE, bold=True) / beside
    least = max(least, width(title, TABLE, bold=True) / LEVELS, over / 2) + PADDING
    if place.interval:
        return max(least, 120)
    kind = place.heading.kind
    longest = max((_room(book, kind, row.cells[place.index]) for row in _all(table)), default=0.0)
    return max(least, min(longest + PADDING, WIDEST.get(kind, 200)), LEAST_OF.get(kind, 44))


def _room(book: Book, kind: Column, cell: Cell) -> float:
    match cell:
        case str():
            # Long text breaks into lines: its exact length does not matter.
            return WIDEST.get(kind, 110) if len(cell) > 80 else width(cell, TABLE, bold=True)
        case Share():
            return 78.0
        case int() | float():
            return width(Numbers(book.head.language).count(int(cell)), TABLE, bold=True)
        case None:
            return 20.0
        case _:
            return 90.0


def _span(widths: Sequence[float]) -> tuple[int, float]:
    """Last column that titles and notes go over, and how wide it makes them."""
    total, last = sum(widths), len(widths) - 1
    while total < LEAST:
        total += 72
        last += 1
    return last, total


def _frozen(places: Sequence[_Place]) -> int:
    """Columns that stay in view: up to the first that names the row."""
    for column, place in enumerate(places[:3]):
        if place.heading.kind in (Column.WIDE, Column.TEXT):
            return column + 1
    return 0
