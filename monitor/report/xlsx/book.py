"""The workbook: formats, sheets, and text that stays text.

Rows are written in their order and at once handed to a temporary file (`constant_memory`), so a
sheet of a million rows takes no more memory than one of ten. For that no cell is merged with one
of a later row, and what stands above is never changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from monitor.clock import VIETNAM
from monitor.model import Language
from monitor.report.model import Head
from monitor.report.xlsx.text import fit, fit_and_judged, for_print, sheet_name
from monitor.report.xlsx.words import BookWords, book_words

FONT = "Times New Roman"
PLAIN = 12
"""Points of what is not given its own size; Excel's column widths count in its digits."""
TABLE = 13
GREY, LINE, SHADE, GROUP = "#595959", "#7F7F7F", "#DDEBF7", "#F2F2F2"
A4 = 9
POINT = 96 / 72
"""Pixels."""
PAPER = {False: (210 - 25.4, 297 - 38.1), True: (297 - 25.4, 210 - 38.1)}
"""Millimetres of a page within its margins, upright and turned."""
SQUEEZED = 1.35
"""Pages that are made one: smaller letters rather than a total alone on the next."""
HEADER = 62
"""Letters of a part of a page header: Excel takes 255 in all, with the fonts."""
LOCALES = {Language.VI: "[$-42A]", Language.EN: "[$-409]"}
"""LibreOffice shows decimals by it; Excel shows them as the machine is set."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks; equal styles are one format of the workbook."""

    size: float = PLAIN
    bold: bool = False
    italic: bool = False
    color: str = ""
    shade: str = ""
    align: str = "left"
    valign: str = "vcenter"
    wrap: bool = False
    border: bool = False
    open: str = ""
    """Side without a border, of cells that look like one: `top` or `bottom`."""
    indent: bool = False
    number: str = ""
    underline: bool = False
    quoted: bool = False
    """Typed with an apostrophe: editing the cell makes no formula of it."""


QUOTED = Style(quoted=True)


@dataclass
class Sheet:
    """A worksheet and the name by which charts refer to it."""

    name: str
    raw: Any
    book: "Book" = field(repr=False)
    _tall: float = 0.0
    """Points of the rows that have a height."""
    _wide: float = 0.0
    """Pixels."""
    _landscape: bool = False

    def text(self, row: int, column: int, text: str, style: Style) -> None:
        """A text, whatever it begins with; nothing in it is a number, a formula or an address."""
        plain, quoted = fit_and_judged(text)
        if not plain:
            self.raw.write_blank(row, column, None, self.book.format(style))
            return
        shown = replace(style, quoted=True) if quoted else style
        self.raw.write_string(row, column, plain, self.book.format(shown))

    def unstyled(self, row: int, column: int, text: str) -> None:
        """A text in the style of its column."""
        plain, quoted = fit_and_judged(text)
        self.raw.write_string(row, column, plain, self.book.format(QUOTED) if quoted else None)

    def number(self, row: int, column: int, value: float, style: Style) -> None:
        self.raw.write_number(row, column, value, self.book.format(style))

    def date(self, row: int, column: int, value: object, style: Style) -> None:
        self.raw.write_datetime(row, column, value, self.book.format(style))

    def blank(self, row: int, column: int, style: Style) -> None:
        self.raw.write_blank(row, column, None, self.book.format(style))

    def across(self, row: int, first: int, last: int, text: str, style: Style) -> None:
        """A text over neighbouring cells of one row."""
        if last > first:
            self.raw.merge_range(row, first, row, last, "", self.book.format(style))
        self.text(row, first, text, style)

    def height(self, row: int, points: float) -> None:
        """Of a row, before anything is written to it."""
        self.raw.set_row(row, min(points, 409))
        self._tall += min(points, 409)

    def widths(self, pixels: Iterable[float]) -> None:
        for column, each in enumerate(pixels):
            self.raw.set_column_pixels(column, column, round(each))
            self._wide += round(each)

    def paper(self, title: str, *, landscape: bool) -> None:
        """A4, as wide as a page; title, period, standing above, whose it is and the page below."""
        words, head = self.book.words, self.book.head
        self._landscape = landscape
        self.raw.set_paper(A4)
        if landscape:
            self.raw.set_landscape()
        self.raw.set_margins(left=0.6, right=0.4, top=0.75, bottom=0.75)
        self.raw.fit_to_pages(1, 0)
        font = f'&"{FONT},Italic"&10'
        standing = words.standings.get(head.standing, "").format(version=head.version)
        left = f"&L{font} {for_print(title, HEADER)}" if title else ""
        centre = f"&C{font} {for_print(standing, 35)}" if standing else ""
        right = f"&R{font} {for_print(head.span, HEADER)}" if title else ""
        self.raw.set_header(left + centre + right)
        self.raw.set_footer(f"&L{font} {for_print(head.issuer, HEADER)}&R{font} {words.page}")

    def finish(self) -> None:
        """What is a little longer than a page is printed on one."""
        width, height = (each * 72 / 25.4 for each in PAPER[self._landscape])
        scale = min(1.0, width / max(self._wide / POINT, 1.0))
        if height < self._tall * scale <= SQUEEZED * height:
            self.raw.fit_to_pages(1, 1)


class Book:
    """A workbook in the making."""

    def __init__(self, path: Path, head: Head) -> None:
        """Temporary files lie beside `path`."""
        self.head = head
        self.words: BookWords = book_words(head.language)
        self.locale = LOCALES[head.language]
        self._formats: dict[Style, Any] = {}
        self._taken: set[str] = set()
        self._raw = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "use_zip64": True,
                "default_format_properties": {"font_name": FONT, "font_size": PLAIN},
                "default_row_height": 21,
                "default_column_width": 72,
            },
        )
        self._raw.set_properties(
            {
                "title": fit(head.title),
                "subject": fit(f"{head.subject}. {head.span}"),
                "author": fit(head.issuer),
                "company": fit(head.issuer),
                "created": head.at.astimezone(UTC).replace(tzinfo=None),
            }
        )

    @property
    def time(self) -> str:
        """Of the report, for readers."""
        return f"{self.head.at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"

    def sheet(self, wanted: str) -> Sheet:
        """The next sheet, by the wanted name or one close to it."""
        name = sheet_name(wanted, self._taken)
        return Sheet(name, self._raw.add_worksheet(name), self)

    def chart(self, kind: str) -> Any:
        return self._raw.add_chart({"type": kind})

    def format(self, style: Style) -> Any:
        if style not in self._formats:
            self._formats[style] = self._raw.add_format(_properties(style))
        return self._formats[style]

    def close(self) -> None:
        """Write the file. Raises OSError."""
        try:
            self._raw.close()
        except FileCreateError as error:
            raise OSError(f"the workbook could not be written: {error}") from error


def _properties(style: Style) -> dict[str, object]:
    properties: dict[str, object] = {
        "font_name": FONT,
        "font_size": style.size,
        "bold": style.bold,
        "italic": style.italic,
        "align": style.align,
        "valign": style.valign,
        "text_wrap": style.wrap,
        "quote_prefix": style.quoted,
        "underline": int(style.underline),
    }
    if style.color:
        properties["font_color"] = style.color
    if style.shade:
        properties["bg_color"] = style.shade
    if style.border:
        properties |= {"border": 1, "border_color": LINE}
    if style.open:
        properties[style.open] = 0
    if style.indent:
        properties["indent"] = 1
    if style.number:
        properties["num_format"] = style.number
    return properties
