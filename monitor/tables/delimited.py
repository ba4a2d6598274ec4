"""CSV and its relatives: rows of the csv module, numbered as a spreadsheet shows them."""

import csv
from collections.abc import Iterator, Mapping, Sequence

from monitor.tables.mapping import ColumnMapping, Field, heading_key
from monitor.tables.model import Place, Problem
from monitor.tables.rows import Record

DELIMITERS = (",", ";", "\t", "|")
NO_FAULTS: Mapping[int, str] = {}


def records(
    file: str, lines: Iterator[str], delimiter: str, problems: list[Problem]
) -> Iterator[Record]:
    """Rows one by one; ends at the first that cannot be taken apart, which is a problem."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), 1):
            yield number, cells, NO_FAULTS
    except csv.Error as error:
        problems.append(Problem(Place(file, number + 1), _what(error)))


def _what(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quotation mark opens a cell here and none closes it: double it or remove it"
    if "field limit" in text:
        return (
            "a cell is longer than 131,072 characters: is a quotation mark opened here and closed "
            "much later?"
        )
    if "expected after" in text:
        return (
            "a quotation mark inside a quoted cell is not doubled, or one that opens a cell closes "
            'in a later row: write "" for a quotation mark inside a cell'
        )
    return f"cannot be taken apart ({text}): save the list as CSV again"


def find_delimiter(
    head: list[str], fields: Sequence[Field], mapping: ColumnMapping
) -> tuple[str, list[str]]:
    """What separates the cells, and the lines without Excel's own first line `sep=;`.

    Of the usual delimiters the one by which most headings are understood; the most cells of equals.
    """
    if head and head[0].lower().startswith("sep=") and len(head[0].rstrip("\r\n")) == 5:
        return mapping.delimiter or head[0][4], head[1:]
    if mapping.delimiter:
        return mapping.delimiter, head
    known = {heading_key(name) for field in fields for name in (field.name, *field.headings)}
    known.update(heading_key(heading) for heading in mapping.columns.values())
    return max(DELIMITERS, key=lambda one: _understood(head, one, known)), head


def _understood(head: list[str], delimiter: str, known: set[str]) -> tuple[int, int]:
    best = (0, 0)
    try:
        for cells in csv.reader(head, delimiter=delimiter):
            recognised = sum(heading_key(cell) in known for cell in cells)
            best = max(best, (recognised, len(cells)))
    except csv.Error:
        return best
    return best
