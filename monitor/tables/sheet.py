"""The cells of one worksheet (ECMA-376 part 1, 18.3), row by row, from its XML in pieces.

Read by expat without building a tree: memory does not grow with the sheet, and it takes a
quarter of the time of openpyxl's read-only mode, which shows neither merged cells nor what a number
was typed as. A formula's stored result is never used: it is what somebody's program computed once.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cache
from heapq import heappop, heappush
from math import isfinite
from typing import NamedTuple
from xml.parsers import expat

from openpyxl.utils.datetime import from_excel

from monitor.tables.headings import letter
from monitor.tables.package import DTD, Refused, damaged
from monitor.tables.rows import Number, Record

MAX_ROW = 1_048_576
MAX_COLUMNS = 512
"""Cells further right are no part of a list."""
EXACT_DIGITS = 15
"""Spreadsheets keep so many digits of a number."""

MAX_TEXT = 1 << 20
"""Characters of a cell, of which a spreadsheet holds 32,767."""
MAX_TAG = 1 << 20
"""Bytes of a tag, which expat keeps until it ends."""
MAX_TEXTS = 6_000_000
"""Shared texts: each is an object, however short."""

_FORMULA: str | None = (
    "holds a formula: its result is not read, as it may be old; copy the column and paste it as "
    "values"
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
NO_FAULTS: Mapping[int, str] = {}


class Merge(NamedTuple):
    """A rectangle of merged cells; rows from 1, columns from 0, last ones included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    def __str__(self) -> str:
        return (
            f"{letter(self.first_column)}{self.first_row}:{letter(self.last_column)}{self.last_row}"
        )


@dataclass(frozen=True)
class Styles:
    """What the number formats say that matters here, by a cell's style index."""

    dates: frozenset[int] = frozenset()
    zeros: Mapping[int, int] = field(default_factory=dict)
    """Formats such as `00000`: a number is shown with so many digits."""
    epoch: datetime = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's days have no zone


@cache
def column_index(letters: str) -> int:
    """Index of a column by its letters; A is 0."""
    index = 0
    for char in letters:
        index = index * 26 + ord(char) - ord("A") + 1
    return index - 1


def unescaped(text: str) -> str:
    """Characters that XML cannot hold stand as `_x000D_` in a workbook (22.9.2.19)."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


class _Parser(ABC):
    """Base of what reads XML in pieces by expat. A DTD is refused, and with it every entity."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._collected: list[str] | None = None
        self._size = 0
        self._fed = 0
        self._phonetic = False

    def feed(self, block: bytes, *, last: bool = False) -> None:
        """Take the next piece."""
        self._fed += len(block)
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as error:
            raise damaged(error) from error
        if self._fed - self._parser.CurrentByteIndex > MAX_TAG:
            raise Refused("holds a tag that never ends: do not trust this file")

    def _doctype(self, *_: object) -> None:
        raise Refused(DTD)

    def _text(self, data: str) -> None:
        if self._collected is not None:
            self._collected.append(data)
            self._size += len(data)
            if self._size > MAX_TEXT:
                raise Refused("holds a cell longer than a spreadsheet has: do not trust this file")

    def _taken(self, collected: list[str]) -> str:
        text = "".join(collected)
        collected.clear()
        self._size = 0
        return text

    @abstractmethod
    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        """A tag begins."""

    @abstractmethod
    def _end(self, name: str) -> None:
        """A tag ends."""


class _Strings(_Parser):
    """The shared texts of a workbook (18.4): what cells refer to by number."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._parts: list[str] = []

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "t" and not self._phonetic:
            self._collected = self._parts
        elif local == "rPh":
            self._phonetic = True

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            if len(self.strings) >= MAX_TEXTS:
                raise Refused(f"holds more than {MAX_TEXTS} texts: save the list as CSV")
            self.strings.append(unescaped(self._taken(self._parts)))
        elif local == "t":
            self._collected = None
        elif local == "rPh":
            self._phonetic = False


def read_strings(blocks: Iterable[bytes]) -> Sequence[str]:
    """All shared texts of a workbook."""
    parser = _Strings()
    for block in blocks:
        parser.feed(block)
    parser.feed(b"", last=True)
    return parser.strings


class _Cells(_Parser):
    """Gathers rows as they end."""

    def __init__(self, strings: Sequence[str], styles: Styles) -> None:
        super().__init__()
        self.ended: list[Record] = []
        self._strings = strings
        self._styles = styles
        self._row = 0
        self._column = -1
        self._cells: list[str] = []
        self._faults: dict[int, str] = {}
        self._kind = "n"
        self._style = 0
        self._formula = False
        self._raw: list[str] = []

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if local == "v" or (local == "t" and not self._phonetic):
            self._collected = self._raw
        elif local == "c":
            self._begin_cell(_attributes)
        elif local == "row":
            self._begin_row(_attributes)
        elif local == "f":
            self._formula = True
        elif local == "rPh":
            self._phonetic = True

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if local in ("v", "t"):
            self._collected = None
        elif local == "c":
            self._end_cell()
        elif local == "row":
            self.ended.append((self._row, self._cells, self._faults or NO_FAULTS))
        elif local == "rPh":
            self._phonetic = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        row = int(number) if number.isdecimal() and len(number) <= 7 else self._row + 1
        if not self._row < row <= MAX_ROW:
            raise Refused(f"is damaged (row {row} behind row {self._row}): save it again")
        self._row, self._column, self._cells, self._faults = row, -1, [], {}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "").rstrip("0123456789")
        known = 0 < len(reference) <= 3 and reference.isascii() and reference.isalpha()
        self._column = column_index(reference.upper()) if known else self._column + 1
        self._kind = attributes.get("t", "n")
        style = attributes.get("s", "0")
        self._style = int(style) if style.isdecimal() else 0
        self._formula = False

    def _end_cell(self) -> None:
        raw = self._taken(self._raw)
        column = self._column
        if column >= MAX_COLUMNS or not (raw or self._formula):
            return
        if len(self._cells) <= column:
            self._cells.extend([""] * (column + 1 - len(self._cells)))
        text, what = (raw or "=", _FORMULA) if self._formula else self._value(raw)
        self._cells[column] = text
        if what is not None:
            self._faults[column] = f"cell {letter(column)}{self._row} {what}"

    def _value(self, raw: str) -> tuple[str, str | None]:
        kind = self._kind
        if kind == "s":
            index = int(raw) if raw.isdecimal() else -1
            if 0 <= index < len(self._strings):
                return self._strings[index], None
            return raw, "refers to a text that is not there: save the workbook again"
        if kind in ("inlineStr", "str", "d"):
            return unescaped(raw), None
        if kind == "b":
            return ("true" if raw == "1" else "false"), None
        if kind == "e":
            return raw, f"holds the error {raw}: correct it"
        return number(raw, self._style, self._styles)


def number(raw: str, style: int, styles: Styles) -> tuple[str, str | None]:
    """A number as its reader sees it, and what is wrong with it: a day in ISO form, `00042`."""
    try:
        value = _finite(raw)
        if style in styles.dates:
            return _day(value, styles.epoch), None
    except (ValueError, OverflowError):
        return raw, f"holds {raw!r}, which is neither a number nor a date: enter it again"
    if abs(value) >= 10**EXACT_DIGITS:
        return raw, (
            f"is a number of more than {EXACT_DIGITS} digits, the last of which are lost: format "
            "the column as text and enter it again"
        )
    if not value.is_integer():
        return Number(repr(value)), None
    text = str(int(value))
    if style in styles.zeros:
        return text.zfill(styles.zeros[style]), None
    return Number(text), None


def _finite(raw: str) -> float:
    value = float(raw)
    if not isfinite(value):
        raise ValueError(raw)
    return value


def _day(value: float, epoch: datetime) -> str:
    moment = from_excel(value, epoch)
    if isinstance(moment, datetime):
        return moment.isoformat() if moment.time() != time.min else moment.date().isoformat()
    raise ValueError(value)


def rows_of(
    blocks: Iterable[bytes], strings: Sequence[str], styles: Styles, merges: Sequence[Merge]
) -> Iterator[Record]:
    """Rows that have cells; what is wrong with a cell stands beside it."""
    parser = _Cells(strings, styles)
    marker = _MergeMarker(merges)
    for block in blocks:
        parser.feed(block)
        ended, parser.ended = parser.ended, []
        yield from map(marker.mark, ended) if merges else ended
    parser.feed(b"", last=True)


def apart(merges: Iterable[Merge]) -> tuple[Merge, ...]:
    """Merged cells by row. Refused where they overlap, which no spreadsheet lets them: each row
    would cost as much as there are of them.
    """
    ordered = sorted(merges)
    across: list[tuple[int, int]] = []
    total = 0
    for merge in ordered:
        while across and across[0][0] < merge.first_row:
            total -= heappop(across)[1]
        columns = max(1, min(merge.last_column + 1, MAX_COLUMNS) - merge.first_column)
        heappush(across, (merge.last_row, columns))
        total += columns
        if total > MAX_COLUMNS:
            raise Refused("has merged cells that overlap: do not trust this file")
    return tuple(ordered)


class _MergeMarker:
    """Says of cells of a row that they are merged; rows come in order."""

    def __init__(self, merges: Sequence[Merge]) -> None:
        self._coming = sorted(merges, reverse=True)
        self._active: list[Merge] = []

    def mark(self, record: Record) -> Record:
        row, cells, faults = record
        while self._coming and self._coming[-1].first_row <= row:
            self._active.append(self._coming.pop())
        self._active = [merge for merge in self._active if merge.last_row >= row]
        if not self._active:
            return record
        told = dict(faults)
        for merge in self._active:
            for column in range(merge.first_column, min(merge.last_column + 1, MAX_COLUMNS)):
                told.setdefault(
                    column,
                    f"cell {letter(column)}{row} is merged ({merge}), so that it is not clear "
                    "whose it is: unmerge and fill in each cell",
                )
        return row, cells, told
