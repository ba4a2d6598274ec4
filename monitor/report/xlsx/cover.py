"""The first and the last sheet: who reports what of when, the summary, and how it was counted.

The head is that of an administrative document (Nghị định 30/2020/NĐ-CP, Phụ lục I): who issues it
on the left, the country and its motto on the right, then place and date, title and subject.
"""

from collections.abc import Sequence
from dataclasses import replace

from monitor.clock import vietnam_day
from monitor.model import Language
from monitor.report.model import Head, Paragraph, Report, Standing
from monitor.report.xlsx.book import PLAIN, Book, Sheet, Style
from monitor.report.xlsx.text import height

LEFT, RIGHT = 340, 400
"""Pixels: together a page upright."""
WIDE = LEFT + RIGHT
TEXT = Style(size=13, wrap=True, valign="top")
CENTRED = Style(size=13, align="center", wrap=True)
BOLD = replace(CENTRED, bold=True)
HEAD = replace(CENTRED, size=12, valign="top")
SMALL = Style(size=PLAIN, wrap=True, valign="top", italic=True, color="#595959")
LISTED = replace(TEXT, size=PLAIN)
REMARK = Style(
    size=13, bold=True, wrap=True, align="center", border=True, shade="#FFF2CC", color="#9C0006"
)


def write_cover(book: Book, report: Report) -> None:
    """Head, title, summary, and what the other sheets are."""
    page = _Page(book.sheet(book.words.cover), "")
    head, words = report.head, book.words
    page.pair(head.superior, words.country, HEAD, replace(HEAD, bold=True))
    page.pair(head.issuer, words.motto, replace(HEAD, bold=True), replace(BOLD, underline=True))
    page.pair("", _dated(book, head), CENTRED, replace(CENTRED, italic=True))
    page.skip()
    page.line(head.title, replace(BOLD, size=14))
    page.line(head.subject, BOLD)
    page.line(head.span, replace(CENTRED, italic=True))
    page.line(head.remark, REMARK)
    page.paragraphs(report.summary)
    page.skip()
    page.line(words.contents, replace(TEXT, bold=True))
    for table in (each for each in report.tables if each.printed):
        page.pair(table.sheet, table.title, LISTED, LISTED)
    page.skip()
    page.line(words.trace, replace(SMALL, bold=True))
    page.line(_trace(book, head), SMALL)
    page.finish()


def write_method(book: Book, method: Sequence[Paragraph]) -> None:
    """How the figures were counted."""
    page = _Page(book.sheet(book.words.method), book.words.method)
    page.line(book.words.method.upper(), replace(BOLD, size=14))
    page.paragraphs(method)


class _Page:
    """Two columns of an upright page, from the top to the bottom."""

    def __init__(self, sheet: Sheet, title: str) -> None:
        self._sheet = sheet
        self._row = 0
        sheet.raw.hide_gridlines(2)
        sheet.widths((LEFT, RIGHT))
        sheet.paper(title, landscape=False)

    def skip(self) -> None:
        self._sheet.height(self._row, PLAIN * 1.3)
        self._row += 1

    def finish(self) -> None:
        """Nothing more comes."""
        self._sheet.finish()

    def line(self, text: str, style: Style) -> None:
        """Over both columns; nothing for an empty text."""
        if not text:
            return
        self._sheet.height(self._row, height(text, WIDE, style.size, bold=style.bold))
        self._sheet.across(self._row, 0, 1, text, style)
        self._row += 1

    def pair(self, left: str, right: str, of_left: Style, of_right: Style) -> None:
        self._sheet.height(
            self._row,
            max(
                height(left, LEFT, of_left.size, bold=of_left.bold),
                height(right, RIGHT, of_right.size, bold=of_right.bold),
            ),
        )
        self._sheet.text(self._row, 0, left, of_left)
        self._sheet.text(self._row, 1, right, of_right)
        self._row += 1

    def paragraphs(self, given: Sequence[Paragraph]) -> None:
        for each in given:
            self.skip()
            self.line(each.title, replace(TEXT, bold=True))
            for text in each.lines:
                self.line(text, TEXT)


def _dated(book: Book, head: Head) -> str:
    day = vietnam_day(head.at)
    # By the decree days below 10 and the months 1 and 2 have a 0 before them.
    padded = head.language is Language.EN or day.month < 3
    return book.words.dated.format(
        place=f"{head.place}, " if head.place else "",
        day=f"{day.day:02}",
        month=f"{day.month:02}" if padded else str(day.month),
        year=day.year,
    )


def _trace(book: Book, head: Head) -> str:
    if head.standing is Standing.PROVISIONAL:
        return book.words.provisional.format(at=book.time)
    return book.words.closing.format(
        id=head.closing_id, version=head.version, at=book.time, facts=head.facts
    )
