"""Open a list, whatever kind it is, and read its rows."""

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from monitor.errors import UserError
from monitor.tables import delimited
from monitor.tables.encodings import KNOWN, Encoding, Sniffer, named
from monitor.tables.headings import HEAD_ROWS, Layout, find_layout
from monitor.tables.mapping import ColumnMapping, Field
from monitor.tables.model import Place, Problem, Row, Table
from monitor.tables.rows import Record, mapped

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
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    return _text_list(path.name, file, fields, mapping)


@dataclass
class _Look:
    """What a first reading of a file shows."""

    sha256: str
    size: int
    sniffer: Sniffer
    long_line: int | None
    """Byte offset of a block without a line break."""


def _look(file: BinaryIO) -> _Look:
    digest, sniffer, size, long_line = hashlib.sha256(), Sniffer(), 0, None
    while block := file.read(BLOCK):
        digest.update(block)
        sniffer.see(block)
        if len(block) == BLOCK and b"\n" not in block and b"\r" not in block:
            long_line = size if long_line is None else long_line
        size += len(block)
    sniffer.see(b"", last=True)
    return _Look(digest.hexdigest(), size, sniffer, long_line)


def _text_list(name: str, file: BinaryIO, fields: Sequence[Field], mapping: ColumnMapping) -> Table:
    look = _look(file)
    encoding = _encoding(look, mapping)
    if isinstance(encoding, str):
        return _refused(name, look.sha256, encoding)
    if what := _not_text(look):
        return _refused(name, look.sha256, what)
    problems: list[Problem] = []
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding.codec, errors="replace", newline="")
    lines = encoding.decoded(text)
    head = list(islice(lines, HEAD_ROWS))
    delimiter, head = delimited.find_delimiter(head, fields, mapping)
    records = delimited.records(name, chain(head, lines), delimiter, problems)
    table = table_of(name, look.sha256, records, fields, mapping, problems)
    table.encoding = encoding.name
    table.rows = _closing(table.rows, text, look, name, problems)
    return table


def table_of(
    name: str,
    sha256: str,
    records: Iterator[Record],
    fields: Sequence[Field],
    mapping: ColumnMapping,
    problems: list[Problem],
) -> Table:
    """The table of a list's records: its headings found, its rows mapped as they are asked for."""
    head = list(islice(records, HEAD_ROWS))
    if not head:
        problems.append(Problem(Place(name), "is empty: choose the file that holds the list"))
        return Table(name, sha256, {}, iter(()), problems)
    layout = find_layout(name, [(number, cells) for number, cells, _ in head], fields, mapping)
    problems.extend(layout.problems)
    rows: Iterator[Row] = iter(())
    if not layout.problems:
        below = _below(head, layout)
        rows = mapped(name, chain(below, records), layout, fields, mapping, problems)
    return Table(
        name, sha256, layout.names, rows, problems, "", layout.ignored, mapping.date_format
    )


def _below(head: Sequence[Record], layout: Layout) -> list[Record]:
    """Rows below the headings, without the row in which forms number their columns."""
    below = [record for record in head if record[0] > layout.header_row]
    if below and _numbers_columns(below[0][1]):
        return below[1:]
    return below


def _numbers_columns(cells: Sequence[str]) -> bool:
    numbers = [cell.strip(" ()[]") for cell in cells if cell.strip()]
    return len(numbers) > 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]


def _refused(name: str, sha256: str, what: str) -> Table:
    return Table(name, sha256, {}, iter(()), [Problem(Place(name), what)])


def _encoding(look: _Look, mapping: ColumnMapping) -> Encoding | str:
    if mapping.encoding is None:
        return look.sniffer.verdict()
    found = named(mapping.encoding)
    if found is None:
        known = ", ".join(KNOWN)
        return f"the mapping's encoding “{mapping.encoding}” is not known: write one of {known}"
    if found.codec == "utf-8-sig" and look.sniffer.wrong_at is not None:
        line = look.sniffer.wrong_at + 1
        return f"is not UTF-8, as the mapping says (line {line}): correct encoding in the mapping"
    return found


def _not_text(look: _Look) -> str | None:
    if look.long_line is not None:
        return (
            f"has a line of more than {BLOCK // 1024} KiB (at byte {look.long_line}): this is no "
            "list in CSV"
        )
    return None


def _closing(
    rows: Iterator[Row], file: io.TextIOWrapper, look: _Look, name: str, problems: list[Problem]
) -> Iterator[Row]:
    """The rows; then the file is closed, and must be what it was at the beginning."""
    with file:
        yield from rows
        if os.fstat(file.fileno()).st_size != look.size:
            what = "was changed while it was being read: import it again"
            problems.append(Problem(Place(name), what))
