"""Reports as CSV (RFC 4180): every figure in a tidy long form, the main table in a wide one.

Data for programs: stable columns in English, ISO dates, numbers with all their digits, empty where
nothing is known. A text that a spreadsheet would run has an apostrophe before it (`tables.plain`
takes it off); numbers never have. docs/report-data.md tells how to read them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import BinaryIO

from monitor.measure.figures import Scope
from monitor.report.data.figure_lines import COLUMNS, figure_values
from monitor.report.model import Cell, Column, Head, Heading, Report, Row, Share
from monitor.tables import inert

Value = str | int | float | date | None
HEAD = ("period", "version", "standing")
"""Before each row, so that files of several periods can be put below each other."""
LONG = (*HEAD, *COLUMNS)
PARTS = ("", "_state", "_low", "_high")
"""Behind the id of a column of shares: the ratio from 0 to 1, and how far it may be trusted."""


TEXTS = 10_000
"""Kept while a file is written."""


class Dialect(StrEnum):
    """What stands between cells, and the decimal mark."""

    COMMA = "comma"
    """`,` and `.`: RFC 4180, for programs."""
    SEMICOLON = "semicolon"
    """`;` and `,`: as Excel opens and saves CSV where the decimal mark is a comma (Viet Nam)."""


def write_long(
    report: Report, out: BinaryIO, *, bom: bool, dialect: Dialect = Dialect.COMMA
) -> None:
    """One row a figure (`LONG`). `bom` lets Excel see that it is UTF-8. Raises OSError."""
    head = _head(report.head)
    with _writing(out, bom, dialect) as write:
        write([LONG])
        write((*head, *values) for values in figure_values(report))


def write_wide(
    report: Report, out: BinaryIO, *, bom: bool, dialect: Dialect = Dialect.COMMA
) -> None:
    """One row an agency of the first table: no totals, which stand in the long form by scope."""
    table = report.tables[0]
    head, levels = _head(report.head), _levels(report)
    with _writing(out, bom, dialect) as write:
        write([(*HEAD, "code", "level", *wide_columns(table.headings))])
        write(
            (*head, row.code, levels.get(row.code), *_wide(table.headings, row))
            for row in table.rows
            if not row.emphasis
        )


def wide_columns(headings: Sequence[Heading]) -> Iterator[str]:
    """Names of columns: ids, a share's four times."""
    for heading in headings:
        if heading.kind is Column.SHARE:
            yield from (heading.id + part for part in PARTS)
        else:
            yield heading.id


def _head(head: Head) -> tuple[Value, ...]:
    return head.period.id, head.version, head.standing


def _levels(report: Report) -> Mapping[str, str | None]:
    """By the code of an agency."""
    agencies = (row for row in report.figures if row.figure.scope is Scope.AGENCY)
    return {row.figure.code: row.level for row in agencies}


def _wide(headings: Sequence[Heading], row: Row) -> Iterator[Value]:
    for heading, cell in zip(headings, row.cells, strict=True):
        if heading.kind is Column.SHARE:
            yield from _share(cell)
        elif isinstance(cell, Share):
            raise TypeError(f"{heading.id}: a share in a column of kind {heading.kind}")
        else:
            yield cell


def _share(cell: Cell) -> tuple[Value, ...]:
    if isinstance(cell, Share):
        return cell.ratio, cell.state, cell.low, cell.high
    if cell is not None:
        raise TypeError(f"{cell!r}: a column of shares has shares alone")
    return (None,) * len(PARTS)


# -- the format ------------------------------------------------------------------------------------


@contextmanager
def _writing(
    out: BinaryIO, bom: bool, dialect: Dialect
) -> Iterator[Callable[[Iterable[Sequence[Value]]], None]]:
    """Takes rows; `out` stays open."""
    text = io.TextIOWrapper(out, "utf-8-sig" if bom else "utf-8", newline="")
    comma = dialect is Dialect.COMMA
    writer = csv.writer(text, delimiter="," if comma else ";", lineterminator="\r\n")
    told = lru_cache(TEXTS)(inert)  # most texts are there many times

    def write(rows: Iterable[Sequence[Value]]) -> None:
        made = ([told(value) if isinstance(value, str) else value for value in row] for row in rows)
        writer.writerows(made if comma else map(_with_commas, made))

    try:
        yield write
    finally:
        text.detach()


def _with_commas(row: Iterable[Value]) -> list[Value]:
    return [repr(value).replace(".", ",") if isinstance(value, float) else value for value in row]
