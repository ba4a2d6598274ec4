"""Excel workbooks (.xlsx): which sheet is the list, how its numbers are shown, what is merged."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from xml.etree.ElementTree import Element

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from monitor.tables.headings import HeadRow
from monitor.tables.mapping import ColumnMapping, heading_key
from monitor.tables.package import MAX_SHEET, MAX_STRINGS, Package, Refused
from monitor.tables.rows import Record
from monitor.tables.sheet import (
    MAX_COLUMNS,
    Merge,
    Styles,
    apart,
    column_index,
    read_strings,
    rows_of,
)

MAX_MERGES = 200_000
MAX_HEADING_ROWS = 4
MAX_TAIL = 32 * 1024 * 1024
"""What may stand behind the cells of a sheet, bytes."""

_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
)
_ZEROS = re.compile(r"0{2,35}")


@dataclass(frozen=True)
class Sheet:
    """One worksheet, and what its rows are."""

    name: str
    part: str
    visible: bool


class Workbook:
    """An open workbook; Refused for what is none, is damaged or too large."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._package = Package(file, size)
        self._part = self._main_part()
        root = self._package.tree(self._part)
        self._relations = self._package.related(self._part)
        self._epoch = MAC_EPOCH if _is_1904(root) else WINDOWS_EPOCH
        self.sheets = tuple(self._sheets(root))
        self._strings: Sequence[str] = self._shared_strings()
        self._styles = self._read_styles()

    def chosen(self, mapping: ColumnMapping) -> Sheet:
        """The sheet that the mapping names, or the only visible one that holds anything."""
        if mapping.sheet is not None:
            wanted = heading_key(mapping.sheet)
            for sheet in self.sheets:
                if heading_key(sheet.name) == wanted:
                    return sheet
            raise Refused(
                f"has no sheet “{mapping.sheet}”, which the mapping names: {self._named()}"
            )
        filled = [sheet for sheet in self.sheets if sheet.visible and self._has_cells(sheet)]
        if len(filled) == 1:
            return filled[0]
        if not filled:
            raise Refused(f"has no visible sheet with cells: {self._named()}")
        raise Refused(f"has several sheets: name one as sheet in the mapping; {self._named()}")

    def merges(self, sheet: Sheet) -> tuple[Merge, ...]:
        """Merged cells; they stand behind the rows, so the sheet is looked through for them."""
        tail = self._behind_cells(sheet)
        found = [
            Merge(int(top), int(bottom), column_index(left.decode()), column_index(right.decode()))
            for left, top, right, bottom in _MERGE.findall(tail)
        ]
        if len(found) > MAX_MERGES:
            raise Refused(f"has {len(found)} merged cells: unmerge them")
        return apart(merge for merge in found if merge.first_column < MAX_COLUMNS)

    def rows(self, sheet: Sheet, merges: Sequence[Merge]) -> Iterator[Record]:
        """Rows that have cells."""
        blocks = self._package.blocks(sheet.part, MAX_SHEET)
        return rows_of(blocks, self._strings, self._styles, merges)

    def _main_part(self) -> str:
        for kind, part in self._package.related("").values():
            if kind == "officeDocument":
                return part
        raise Refused("is no workbook: save it again as .xlsx")

    def _sheets(self, root: Element) -> Iterator[Sheet]:
        for element in root.iter():
            if _local(element.tag) != "sheet":
                continue
            ids = [value for key, value in element.items() if _local(key) == "id"]
            kind, part = self._relations.get(ids[0] if ids else "", ("", ""))
            if kind == "worksheet":
                state = element.get("state", "visible")
                yield Sheet(element.get("name", "?"), part, state == "visible")

    def _named(self) -> str:
        shown = ", ".join(
            f"“{sheet.name}”" + ("" if sheet.visible else " (hidden)") for sheet in self.sheets
        )
        return f"its sheets are {shown}"

    def _has_cells(self, sheet: Sheet) -> bool:
        return any(any(cells) for _, cells, _ in self.rows(sheet, ()))

    def _shared_strings(self) -> Sequence[str]:
        for kind, part in self._relations.values():
            if kind == "sharedStrings" and part in self._package:
                return read_strings(self._package.blocks(part, MAX_STRINGS))
        return ()

    def _read_styles(self) -> Styles:
        for kind, part in self._relations.values():
            if kind == "styles" and part in self._package:
                return _styles(self._package.tree(part), self._epoch)
        return Styles(epoch=self._epoch)

    def _behind_cells(self, sheet: Sheet) -> bytes:
        blocks = self._package.blocks(sheet.part, MAX_SHEET)
        kept = b""
        for block in blocks:
            kept = kept[-16:] + block
            if kept.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                raise Refused("is written in UTF-16: save it again in a spreadsheet program")
            at = kept.find(b"mergeCell")
            if at >= 0:
                return kept[max(0, at - 16) :] + _joined(blocks, MAX_TAIL)
        return b""


def head_rows(head: Sequence[Record], merges: Sequence[Merge]) -> list[HeadRow]:
    """What may be headings: every row, and rows that merged cells bind to the ones below.

    A cell merged over columns is a group: the row below says which of it; a cell merged over rows
    is one heading. Such headings read `Group / Column`.
    """
    rows = {number: list(cells) for number, cells, _ in head}
    found = [HeadRow(number, number, cells) for number, cells in rows.items()]
    for first in rows:
        starting = [merge for merge in merges if merge.first_row == first]
        if starting:
            last = max(first + 1, *(merge.last_row for merge in starting))
            if last in rows and last - first < MAX_HEADING_ROWS:
                found.append(HeadRow(first, last, _joined_headings(rows, merges, first, last)))
    return found


def _joined_headings(
    rows: Mapping[int, Sequence[str]], merges: Sequence[Merge], first: int, last: int
) -> list[str]:
    width = max(len(rows.get(number, ())) for number in range(first, last + 1))
    grid = {
        (number, column): cell.strip()
        for number in range(first, last + 1)
        for column, cell in enumerate(rows.get(number, ()))
    }
    for merge in merges:
        if first <= merge.first_row and merge.last_row <= last:
            value = grid.get((merge.first_row, merge.first_column), "")
            for number in range(merge.first_row, merge.last_row + 1):
                for column in range(merge.first_column, min(merge.last_column + 1, width)):
                    grid[number, column] = value
    return [
        " / ".join(dict.fromkeys(filter(None, (grid.get((n, c)) for n in range(first, last + 1)))))
        for c in range(width)
    ]


def _joined(blocks: Iterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise Refused("has more behind its cells than a list has: copy the cells to a new file")
        parts.append(block)
    return b"".join(parts)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_1904(root: Element) -> bool:
    return any(
        _local(element.tag) == "workbookPr" and element.get("date1904") in ("1", "true")
        for element in root
    )


def _styles(root: Element, epoch: datetime) -> Styles:
    formats = dict(BUILTIN_FORMATS)
    dates, zeros = set(), {}
    for element in root.iter():
        if _local(element.tag) == "numFmt" and (code := element.get("numFmtId", "")).isdecimal():
            formats[int(code)] = element.get("formatCode", "")
    for group in root:
        if _local(group.tag) == "cellXfs":
            for index, style in enumerate(group):
                number = style.get("numFmtId", "0")
                code = formats.get(int(number), "") if number.isdecimal() else ""
                if is_date_format(code):
                    dates.add(index)
                elif _ZEROS.fullmatch(code):
                    zeros[index] = len(code)
    return Styles(frozenset(dates), zeros, epoch)
