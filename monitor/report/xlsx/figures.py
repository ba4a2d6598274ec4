"""The sheet of all figures: one a line, the columns of the long CSV, numbers as numbers."""

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Any

from monitor.report.data.figure_lines import COLUMNS, figure_values
from monitor.report.model import Report
from monitor.report.xlsx.book import PLAIN, SHADE, Book, Sheet, Style
from monitor.report.xlsx.cells import DAY
from monitor.report.xlsx.table import ROWS

HEADING = Style(size=PLAIN, bold=True, align="center", wrap=True, border=True, shade=SHADE)
COUNTS = {"numerator", "denominator", "undecided", "checked"}
SHARES = {"ratio", "low", "high", "sample_fraction", "coverage", "undecided_share"}
DAYS = {"first_day", "last_day"}
WIDTHS = {"name": 300, "indicator": 200, "code": 130, "level": 110}
WIDTH = 95
"""Pixels of the others."""
EPOCH = date(1899, 12, 30).toordinal()
"""Day 0 of a workbook, as of every day since 1 March 1900 (ECMA-376 Part 1, 18.17.4.1)."""


def write_figures(book: Book, report: Report, rows: int = ROWS) -> None:
    """One sheet, or several where one has too few `rows`; none is empty but for its heading."""
    lines = figure_values(report)
    most = rows - 1
    for _ in range(0, max(len(report.figures), 1), most):
        _write_sheet(book, islice(lines, most))


def _write_sheet(book: Book, lines: Iterable[tuple[Any, ...]]) -> None:
    sheet = book.sheet(book.words.figures)
    _head(book, sheet)
    last = 0
    for last, line in enumerate(lines, 1):
        _write(sheet, last, line)
    if last:
        sheet.raw.autofilter(0, 0, last, len(COLUMNS) - 1)


def _head(book: Book, sheet: Sheet) -> None:
    sheet.paper(book.words.figures, landscape=True)
    sheet.raw.freeze_panes(1, 0)
    sheet.raw.repeat_rows(0)
    sheet.height(0, 54)
    for index, column in enumerate(COLUMNS):
        style = book.format(_style(book, column))
        sheet.raw.set_column_pixels(index, index, WIDTHS.get(column, WIDTH), style)
        sheet.text(0, index, book.words.figure_columns.get(column, column), HEADING)


def _style(book: Book, column: str) -> Style:
    if column in COUNTS:
        return Style(number=f"{book.locale}#,##0", align="center")
    if column in SHARES:
        return Style(number=f"{book.locale}0.00%", align="center")
    if column in DAYS:
        return Style(number=DAY, align="center")
    return Style()


def _write(sheet: Sheet, row: int, values: Iterable[Any]) -> None:
    """Cells take the format of their column; what is not known stays empty."""
    number = sheet.raw.write_number
    for index, value in enumerate(values):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            sheet.unstyled(row, index, value)
        elif isinstance(value, date):
            number(row, index, value.toordinal() - EPOCH)
        else:
            number(row, index, value)
