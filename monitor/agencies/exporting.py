"""Agencies as lists that can be imported again: CSV and Excel for people, TOML for everything."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from monitor.agencies.agency import Agency
from monitor.agencies.importing.listed import FIELDS, NAMES
from monitor.agencies.toml_text import toml_entry, toml_value
from monitor.agencies.view import View
from monitor.tables import inert

COLUMNS = tuple(field.name for field in FIELDS)
_WIDTHS = {"name": 45, "name_en": 30, "domains": 30, "organ_codes": 25, "addresses": 30}


def in_tree_order(agencies: Iterable[Agency], view: View) -> list[Agency]:
    """Each agency behind the one above it, else in the given order."""
    below: dict[str | None, list[Agency]] = {}
    for agency in agencies:
        upper = agency.parent if agency.parent in view.agencies else None
        below.setdefault(upper, []).append(agency)
    return list(_walk(None, below))


def _walk(upper: str | None, below: dict[str | None, list[Agency]]) -> Iterator[Agency]:
    for agency in below.pop(upper, ()):
        yield agency
        yield from _walk(agency.code, below)


def as_csv(agencies: Iterable[Agency]) -> bytes:
    """UTF-8 with a mark for Excel; no cell is one that a spreadsheet would compute."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([inert(cell) for cell in _cells(agency)] for agency in agencies)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(agencies: Iterable[Agency]) -> bytes:
    """One sheet whose cells are all text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("agencies")
    sheet.freeze_panes = "C2"
    for column, name in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, 15)
    for cells in [COLUMNS, *map(_cells, agencies)]:
        sheet.append([_text_cell(sheet, text) for text in map(_kept, cells)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _kept(cell: str) -> str:
    """An apostrophe that a name begins with is not the one that import takes away."""
    return inert(cell) if cell.startswith("'") else cell


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text or None)
    cell.data_type = "s" if text else "n"  # else text that begins with = is a formula
    cell.number_format = "@"
    return cell


def as_toml(agencies: Iterable[Agency], levels: Sequence[str]) -> bytes:
    """A registry file of these agencies; mailboxes and certificates are not among them."""
    lines = [f"levels = {toml_value(tuple(levels))}"]
    for agency in agencies:
        lines += ["", *toml_entry("agencies", agency.stated())]
    return ("\n".join(lines) + "\n").encode()


def _cells(agency: Agency) -> list[str]:
    stated = agency.stated()
    return [_cell(name, stated.get(name)) for name in COLUMNS]


def _cell(name: str, value: str | date | tuple[str, ...] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    entries = [each.replace(";", "\\;") for each in value] if name in NAMES else value
    return "; ".join(entries)
