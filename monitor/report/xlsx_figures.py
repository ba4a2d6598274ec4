"""The sheet of all figures: one a line, real numbers, as the CSV in long form has them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from monitor.report.model import FigureRow
from monitor.report.xlsx_book import PLAIN, SHADE, Book, Sheet, Style
from monitor.report.xlsx_cells import DAY
from monitor.report.xlsx_table import ROWS

Value = str | int | float | date | None
HEADING = Style(size=PLAIN, bold=True, align="center", wrap=True, border=True, shade=SHADE)


class _Column(NamedTuple):
    id: str
    pixels: int
    number: str
    """Format of the numbers; empty is text."""
    value: Callable[[FigureRow], Value]


_COUNT, _RATIO = "#,##0", "0.00%"
COLUMNS = (
    _Column("about", 90, "", lambda row: row.about),
    _Column("panel", 90, "", lambda row: row.panel),
    _Column("indicator", 190, "", lambda row: row.figure.indicator),
    _Column("scope", 80, "", lambda row: row.figure.scope.value),
    _Column("code", 120, "", lambda row: row.figure.code),
    _Column("name", 300, "", lambda row: row.name),
    _Column("level", 100, "", lambda row: row.level),
    _Column("channel", 75, "", lambda row: row.figure.channel),
    _Column("document_class", 80, "", lambda row: row.figure.document_class),
    _Column("role", 75, "", lambda row: row.figure.role),
    _Column("base", 100, "", lambda row: row.figure.base),
    _Column("first_day", 95, DAY, lambda row: row.figure.first_day),
    _Column("last_day", 95, DAY, lambda row: row.figure.last_day),
    _Column("numerator", 95, _COUNT, lambda row: row.figure.numerator),
    _Column("denominator", 95, _COUNT, lambda row: row.figure.denominator),
    _Column("undecided", 95, _COUNT, lambda row: row.figure.undecided),
    _Column("checked", 95, _COUNT, lambda row: row.figure.checked),
    _Column("ratio", 90, _RATIO, lambda row: row.figure.ratio),
    _Column("low", 90, _RATIO, lambda row: row.figure.low),
    _Column("high", 90, _RATIO, lambda row: row.figure.high),
    _Column("process_low", 90, _RATIO, lambda row: row.figure.process_low),
    _Column("process_high", 90, _RATIO, lambda row: row.figure.process_high),
    _Column("sample_fraction", 90, _RATIO, lambda row: row.figure.sample_fraction),
    _Column("coverage", 90, _RATIO, lambda row: row.figure.coverage),
    _Column("undecided_share", 90, _RATIO, lambda row: row.figure.undecided_share),
    _Column("state", 100, "", lambda row: row.figure.state.value),
)


def write_figures(book: Book, figures: Sequence[FigureRow], rows: int = ROWS) -> None:
    """One sheet, or several where one has too few `rows`; none is empty but for its heading."""
    most = rows - 1
    for start in range(0, max(len(figures), 1), most):
        sheet = book.sheet(book.words.figures)
        _head(book, sheet)
        part = figures if len(figures) <= most else figures[start : start + most]
        for row, figure in enumerate(part, 1):
            _write(sheet, row, figure)
        if part:
            sheet.raw.autofilter(0, 0, len(part), len(COLUMNS) - 1)


def _head(book: Book, sheet: Sheet) -> None:
    sheet.paper(book.words.figures, landscape=True)
    sheet.raw.freeze_panes(1, 0)
    sheet.raw.repeat_rows(0)
    sheet.height(0, 50)
    for index, column in enumerate(COLUMNS):
        number = (
            f"{book.locale}{column.number}" if column.number not in ("", DAY) else column.number
        )
        style = book.format(Style(number=number))
        sheet.raw.set_column_pixels(index, index, column.pixels, style)
        sheet.text(0, index, book.words.figure_columns[column.id], HEADING)


def _write(sheet: Sheet, row: int, figure: FigureRow) -> None:
    """Cells take the format of their column: less to write, a hundred thousand lines are usual."""
    for index, column in enumerate(COLUMNS):
        value = column.value(figure)
        if value is None or value == "":
            continue
        if isinstance(value, str):
            sheet.unstyled(row, index, value)
        elif isinstance(value, date):
            sheet.raw.write_datetime(row, index, value)
        else:
            sheet.raw.write_number(row, index, value)
