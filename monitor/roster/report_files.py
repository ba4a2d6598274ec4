"""A hand-on report as CSV, Excel or JSON: row by row, whatever its length.

Cells are text or numbers, never formulas: names and addresses are other people's words, and a
spreadsheet runs what begins with =, +, - or @ (OWASP, CSV injection).
"""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from monitor.errors import UserError
from monitor.roster.report import Report
from monitor.roster.report_words import Cell, Wording
from monitor.tables import inert

FONT = "Times New Roman"
WIDTH = 32
"""Characters of a column, so that most addresses and names of agencies are seen whole."""
MOST_XLSX_ROWS = 1_000_000
"""Of one sheet, 1,048,576 with what stands above them."""


async def write_csv(report: Report, words: Wording, file: IO[bytes]) -> None:
    """UTF-8 with a byte order mark, so that Excel shows Vietnamese."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)

    def write(*cells: Cell) -> None:
        writer.writerow([inert(cell) for cell in cells])

    await _write(report, words, write)
    text.detach()


async def write_xlsx(report: Report, words: Wording, file: IO[bytes]) -> None:
    """One sheet of text and numbers. Raises UserError when it is too long for one."""
    if report.total > MOST_XLSX_ROWS:
        raise UserError(
            f"{report.total} rows do not fit into an Excel sheet: write CSV, or one --agency"
        )
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(words.heading("sheet"))
    plain, bold = Font(name=FONT, size=13), Font(name=FONT, size=13, bold=True)
    headings = words.headings()
    for position in range(len(headings)):
        sheet.column_dimensions[chr(ord("A") + position)].width = 8 if position == 0 else WIDTH

    bolded = {(words.title(),), (headings[0],), (words.heading("code"),)}

    def cell(value: Cell, font: Font) -> Any:
        made = WriteOnlyCell(sheet, None)
        made.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
        if isinstance(value, str):
            made.data_type = "s"  # whatever it begins with
        made.font = font
        if isinstance(value, int):
            made.alignment = Alignment(horizontal="center")
        return made

    def write(*cells: Cell) -> None:
        font = bold if cells[:1] in bolded else plain
        sheet.append([cell(value, font) for value in cells])

    await _write(report, words, write)
    book.save(file)


async def _write(report: Report, words: Wording, write: Callable[..., None]) -> None:
    """Title, what it stands on, headings and rows, then how many each agency has."""
    write(words.title())
    for line in words.preamble():
        write(line)
    write()
    if report.lacking:
        write(words.lacking())
        return
    write(*words.headings())
    number = 0
    async for row in report.rows:
        number += 1
        write(number, *words.cells(row))
    write()
    write(words.heading("code"), words.heading("agency"), words.heading("rows"))
    for each in report.agencies:
        write(each.code, each.name, each.rows)


async def write_json(report: Report, file: IO[bytes]) -> None:
    """One object; `rows` is its last member, one row a line."""
    wanted = report.wanted
    head = {
        "report": wanted.kind.value,
        "on": wanted.on,
        "agency": wanted.agency,
        "state": "no_data" if report.lacking else "ok",
        "lacking": report.lacking,
        "total": None if report.lacking else report.total,
        "limit_days": report.limit_days,
        "human": report.human,
        "lists": report.basis.lists,
        "activity_from": report.basis.activity_from,
        "activity_until": report.basis.activity_until,
        "agencies_left_out": report.left_out,
        "agencies": [
            {"code": each.code, "name": each.name, "rows": each.rows} for each in report.agencies
        ],
    }
    file.write(_json(head)[:-1].encode() + b', "rows": [')
    first = True
    async for row in report.rows:
        given = {
            name: getattr(row, name)
            for name in row.__dataclass_fields__
            if getattr(row, name) is not None
        }
        file.write((b"\n" if first else b",\n") + _json(given).encode())
        first = False
    file.write(b"]}\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
