"""Reports as JSON: everything that a report says, in the order of the shapes below.

`docs/report.schema.json` is made of the shapes (`make reference`). Rows and figures are written one
by one, a line each, so that no text of the whole is ever in memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Literal

from pydantic import ConfigDict, TypeAdapter

from monitor.clock import VIETNAM
from monitor.model import Language
from monitor.periods import CalendarKind, Kind, Period
from monitor.report.data.figure_lines import FigureLine, figure_lines
from monitor.report.model import (
    Cell,
    Chart,
    Head,
    Heading,
    Paragraph,
    Report,
    Row,
    Standing,
    Table,
)

SCHEMA = 1
"""Grows with fields; another number only where a reader would break."""
_CLOSED = ConfigDict(use_attribute_docstrings=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class PeriodShape:
    """Vietnam days, both ends included."""

    __pydantic_config__ = _CLOSED

    id: str
    """`2026-10`, `2026-Q3@administrative`, `cumulative:2026-10`, `2026-10-01..2026-10-20`."""
    kind: Kind
    calendar: CalendarKind
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class HeadShape:
    """What the report is, whose, of when."""

    __pydantic_config__ = _CLOSED

    language: Language
    """Of all texts for readers."""
    period: PeriodShape
    standing: Standing
    version: int
    """1 is the original, later ones restate it; 0 while provisional."""
    closing_id: int | None
    facts: str
    """SHA-256 of the facts that the figures were made of; empty while provisional."""
    at: datetime
    """When it was closed, Vietnam time."""
    scope: str
    """`province`, `level` or `agency`."""
    code: str
    """Of the agency or level; `province`."""
    name: str
    title: str
    subject: str
    span: str
    remark: str
    """What the reader has to know first; else empty."""
    superior: str
    issuer: str
    place: str


@dataclass(frozen=True, slots=True)
class RowShape:
    """One line of a table; its cells by the id of their column."""

    __pydantic_config__ = _CLOSED

    code: str
    """Of the agency or level whose line it is; else empty."""
    emphasis: bool
    """A total or a group."""
    cells: dict[str, Cell]
    """By the heading's kind: `ordinal` and `count` integers, `share` an object, `points` a number
    from -1 to 1, `date` an ISO date, else text. Null is unknown or does not apply."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table; a total is not among its rows."""

    __pydantic_config__ = _CLOSED

    id: str
    title: str
    sheet: str
    headings: tuple[Heading, ...]
    notes: tuple[str, ...]
    empty: str
    """Said instead of rows where there are none."""
    landscape: bool
    charts: tuple[Chart, ...]
    total: RowShape | None
    rows: tuple[RowShape, ...]


@dataclass(frozen=True, slots=True)
class ReportShape:
    """A whole report."""

    __pydantic_config__ = _CLOSED

    schema: Literal[1]
    head: HeadShape
    summary: tuple[Paragraph, ...]
    tables: tuple[TableShape, ...]
    """In the order in which they are read; the first has one row an agency."""
    method: tuple[Paragraph, ...]
    figures: tuple[FigureLine, ...]
    """Every figure, with the columns of the long CSV."""


_HEAD, _PARAGRAPH = TypeAdapter(HeadShape), TypeAdapter(Paragraph)
_TABLE, _ROW, _FIGURE = TypeAdapter(TableShape), TypeAdapter(RowShape), TypeAdapter(FigureLine)


def write(report: Report, out: BinaryIO) -> None:
    """One object (`ReportShape`), UTF-8. Raises OSError."""
    out.write(b'{"schema":%d,\n"head":' % SCHEMA)
    out.write(_HEAD.dump_json(_head(report.head)))
    out.write(b',\n"summary":[')
    _each(out, map(_PARAGRAPH.dump_json, report.summary))
    out.write(b'],\n"tables":[')
    for number, table in enumerate(report.tables):
        out.write(b",\n" if number else b"\n")
        _write_table(table, out)
    out.write(b'],\n"method":[')
    _each(out, map(_PARAGRAPH.dump_json, report.method))
    out.write(b'],\n"figures":[')
    _each(out, map(_FIGURE.dump_json, figure_lines(report)))
    out.write(b"]}\n")


def _write_table(table: Table, out: BinaryIO) -> None:
    ids = [heading.id for heading in table.headings]
    whole = TableShape(
        id=table.id, title=table.title, sheet=table.sheet, headings=table.headings,
        notes=table.notes, empty=table.empty, landscape=table.landscape, charts=table.charts,
        total=_row(ids, table.total) if table.total else None, rows=(),
    )  # fmt: skip
    out.write(_TABLE.dump_json(whole).removesuffix(b"]}"))
    _each(out, (_ROW.dump_json(_row(ids, row)) for row in table.rows))
    out.write(b"]}")


def _each(out: BinaryIO, entries: Iterable[bytes]) -> None:
    between = b"\n"
    for entry in entries:
        out.write(between + entry)
        between = b",\n"


def _row(ids: Sequence[str], row: Row) -> RowShape:
    return RowShape(row.code, row.emphasis, dict(zip(ids, row.cells, strict=True)))


def _head(head: Head) -> HeadShape:
    return HeadShape(
        language=head.language, period=_period(head.period), standing=head.standing,
        version=head.version, closing_id=head.closing_id, facts=head.facts,
        at=head.at.astimezone(VIETNAM), scope=head.scope, code=head.code, name=head.name,
        title=head.title, subject=head.subject, span=head.span, remark=head.remark,
        superior=head.superior, issuer=head.issuer, place=head.place,
    )  # fmt: skip


def _period(period: Period) -> PeriodShape:
    return PeriodShape(period.id, period.kind, period.calendar, period.first, period.last)
