"""Open a list, whatever kind it is, and read its rows."""

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from monitor.errors import UserError
from monitor.tables import delimited
from monitor.tables.encodings import KNOWN, Encoding, Sniffer, named
from monitor.tables.fonts import FONTS, font_of, refonted
from monitor.tables.headings import HeadRow, Layout, find_layout, letter
from monitor.tables.mapping import HEAD_ROWS, ColumnMapping, Field
from monitor.tables.model import Place, Problem, Row, Table
from monitor.tables.package import Refused
from monitor.tables.rows import Record, RowReader
from monitor.tables.text import undone

_NOT_LISTS = {
    b"\xd0\xcf\x11\xe0": "is an .xls workbook (Excel 97-2003), or one with a password: save it as "
    ".xlsx without a password",
    b"%pdf": "is a PDF: get the list as .xlsx or CSV",
    b"<": "is a web page or XML, whatever its name says: open it in a spreadsheet program and save "
    "it as .xlsx",
    b"\x1f\x8b": "is compressed (gzip): unpack it first",
    b"{\\rtf": "is an RTF document: save its table as .xlsx or CSV",
}

BLOCK = 1024 * 1024
"""A line of text may not be longer, bytes."""


def read(path: Path, fields: Sequence[Field], mapping: ColumnMapping | None = None) -> Table:
    """Begin to read a list; what is wrong with it is among the table's problems.

    UserError if the file cannot be opened. The file is read twice: for its hash and encoding, and
    for its rows, which come one by one.
    """
    mapping = mapping or ColumnMapping()
    try:
        file = path.open("rb")
        size = os.fstat(file.fileno()).st_size
        start = file.read(512)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    if start.startswith(b"PK\x03\x04"):
        return _workbook(path.name, file, size, fields, mapping)
    for magic, what in _NOT_LISTS.items():
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(magic):
            file.close()
            return _refused(path.name, "", what)
    file.seek(0)
    return _text_list(path.name, file, fields, mapping)


def _workbook(
    name: str, file: io.BufferedReader, size: int, fields: Sequence[Field], mapping: ColumnMapping
) -> Table:
    # Commands that only write or show lists must not load what reads workbooks.
    from monitor.tables.workbook import Workbook, head_rows  # noqa: PLC0415

    sha256 = ""
    try:
        workbook = Workbook(file, size)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        sheet = workbook.chosen(mapping)
        merges = workbook.merges(sheet)
    except Refused as refused:
        file.close()
        return _refused(name, sha256, str(refused))
    if len(workbook.sheets) > 1:
        name = f"{name}[{sheet.name}]"
    problems: list[Problem] = []
    records = _guarded(name, workbook.rows(sheet, merges), file, problems)
    if mapping.font:
        records = refonted(records, mapping.font)
    head = list(islice(records, HEAD_ROWS))
    candidates = head_rows(head, merges)
    table = _table(
        Source(name, sha256, head, candidates, records, False), fields, mapping, problems
    )
    if problems:
        file.close()
    return table


def _guarded(
    name: str, records: Iterator[Record], file: io.BufferedReader, problems: list[Problem]
) -> Iterator[Record]:
    """Records of a workbook; damage that shows only on the way is a problem."""
    with file:
        try:
            yield from records
        except Refused as refused:
            problems.append(Problem(Place(name), str(refused)))


@dataclass
class _Look:
    """What a first reading of a file shows."""

    sha256: str
    stamp: tuple[int, int]
    """Size and time of the last change."""
    sniffer: Sniffer
    long_line: int | None
    """Byte offset of a block without a line break."""


def _look(file: io.BufferedReader) -> _Look:
    stamp = _stamp(file)
    digest, sniffer, size, long_line = hashlib.sha256(), Sniffer(), 0, None
    while block := file.read(BLOCK):
        digest.update(block)
        sniffer.see(block)
        if len(block) == BLOCK and b"\n" not in block and b"\r" not in block:
            long_line = size if long_line is None else long_line
        size += len(block)
    sniffer.see(b"", last=True)
    return _Look(digest.hexdigest(), stamp, sniffer, long_line)


def _stamp(file: io.BufferedReader | io.TextIOWrapper) -> tuple[int, int]:
    state = os.fstat(file.fileno())
    return state.st_size, state.st_mtime_ns


def _text_list(
    name: str, file: io.BufferedReader, fields: Sequence[Field], mapping: ColumnMapping
) -> Table:
    look = _look(file)
    encoding = _encoding(look, mapping)
    if isinstance(encoding, str):
        file.close()
        return _refused(name, look.sha256, encoding)
    if look.long_line is not None:
        file.close()
        what = f"has a line of more than {BLOCK // 1024} KiB (at byte {look.long_line}): "
        return _refused(name, look.sha256, what + "this is no list in CSV")
    problems: list[Problem] = []
    file.seek(look.sniffer.skip(encoding))
    text = io.TextIOWrapper(file, encoding=encoding.codec, errors="replace", newline="")
    lines = encoding.decoded(text)
    first = list(islice(lines, HEAD_ROWS))
    delimiter, first = delimited.find_delimiter(first, fields, mapping)
    records = delimited.records(name, chain(first, lines), delimiter, problems)
    if mapping.font:
        records = refonted(records, mapping.font)
    head = list(islice(records, HEAD_ROWS))
    candidates = [HeadRow(number, number, cells) for number, cells, _ in head]
    source = Source(name, look.sha256, head, candidates, records, True)
    table = _table(source, fields, mapping, problems)
    table.encoding = encoding.name
    if problems:
        text.close()
    else:
        table.rows = _closing(table.rows, text, look, name, problems)
    return table


class Source(NamedTuple):
    """An opened list."""

    name: str
    sha256: str
    head: Sequence[Record]
    candidates: Sequence[HeadRow]
    """What may be headings."""
    rest: Iterator[Record]
    """Rows below the head."""
    delimited: bool


def _table(
    source: Source, fields: Sequence[Field], mapping: ColumnMapping, problems: list[Problem]
) -> Table:
    """The table of a list: its headings found, its rows mapped as they are asked for."""
    name = source.name
    if not source.head:
        if not problems:
            problems.append(Problem(Place(name), "is empty: choose the file that holds the list"))
        return Table(name, source.sha256, {}, iter(()), problems)
    layout = find_layout(name, source.candidates, fields, mapping)
    problems.extend(layout.problems)
    problems.extend(_damage(source, layout, mapping))
    rows: Iterator[Row] = iter(())
    if not problems:
        records = chain(_below(source.head, layout), source.rest)
        reader = RowReader(name, layout, fields, mapping, problems, delimited=source.delimited)
        rows = reader.rows(records)
    return Table(
        name, source.sha256, layout.names, rows, problems, "", layout.ignored, mapping.date_format
    )


def _damage(source: Source, layout: Layout, mapping: ColumnMapping) -> list[Problem]:
    """Why headings may not be understood: their letters are not what was typed."""
    cells = [cell for _, row, _ in source.head for cell in row]
    if layout.problems and any(undone(cell) for cell in cells):
        what = "was damaged on its way (UTF-8 read as windows-1252): export the list again as UTF-8"
        return [Problem(Place(source.name), what)]
    is_said = mapping.font or (source.delimited and mapping.encoding)
    if not is_said and (font := font_of(cells)):
        what = (
            f'is Vietnamese only in {FONTS[font]} fonts: set font = "{font}" in the mapping, or '
            "convert it to Unicode"
        )
        return [Problem(Place(source.name), what)]
    return []


def _below(head: Sequence[Record], layout: Layout) -> list[Record]:
    """Rows below the headings, without the row in which forms number their columns."""
    below = [record for record in head if record[0] > layout.header_row]
    if layout.header_row and below and _numbers_columns(below[0][1]):
        return below[1:]
    return below


def _numbers_columns(cells: Sequence[str]) -> bool:
    """`1 2 3 4`, `(1) (2) (3)`, or as forms of ministries have it `A B 1 2 3`."""
    said = [cell.strip(" ()[]") for cell in cells if cell.strip()]
    letters = sum(len(one) == 1 and one.isalpha() for one in said)
    counted = [*map(letter, range(letters)), *map(str, range(1, len(said) - letters + 1))]
    return len(said) > 2 and said == counted and letters < len(said)


def _refused(name: str, sha256: str, what: str) -> Table:
    return Table(name, sha256, {}, iter(()), [Problem(Place(name), what)])


def _encoding(look: _Look, mapping: ColumnMapping) -> Encoding | str:
    if mapping.encoding is None:
        return look.sniffer.verdict()
    found = named(mapping.encoding)
    if found is None:
        known = ", ".join(KNOWN)
        return f"the mapping's encoding “{mapping.encoding}” is not known: write one of {known}"
    if found.codec == "utf-8" and look.sniffer.wrong_at is not None:
        line = look.sniffer.wrong_at + 1
        return f"is not UTF-8, as the mapping says (line {line}): correct encoding in the mapping"
    return found


def _closing(
    rows: Iterator[Row], file: io.TextIOWrapper, look: _Look, name: str, problems: list[Problem]
) -> Iterator[Row]:
    """The rows; then the file is closed, and must be what it was at the beginning."""
    with file:
        yield from rows
        if _stamp(file) != look.stamp:
            what = "was changed while it was being read: import it again"
            problems.append(Problem(Place(name), what))
