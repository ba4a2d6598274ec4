"""What a report says, before it is laid out: the same for Excel, PDF, CSV and JSON.

Texts are in the report's language and composed (Unicode NFC), without control and direction
characters. Numbers stay numbers: writers give them the reader's form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.measure.figures import Figure, State
from monitor.model import Language
from monitor.periods import Period


class Column(StrEnum):
    """What the cells of a column are; writers align and format by it."""

    ORDINAL = "ordinal"
    """A row's number, from 1."""
    TEXT = "text"
    WIDE = "wide"
    """Long text that breaks into lines: names, notes, advice."""
    COUNT = "count"
    SHARE = "share"
    POINTS = "points"
    """A difference of two shares, -1 to 1, shown in percentage points with its sign."""
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio and how far it may be trusted; what is not known is not 0."""

    ratio: float | None
    """None without data; shown while the state is `ok`, `insufficient` or `stale`, marked so."""
    state: State = State.OK
    low: float | None = None
    """Finite-population interval, 95%; equal to the ratio at a census."""
    high: float | None = None

    @property
    def sampled(self) -> bool:
        """An estimate: the interval has a width."""
        return self.low is not None and self.high is not None and self.low < self.high


Cell = str | int | float | date | Share | None
"""Of `COUNT` int, of `SHARE` Share, of `POINTS` float, of `DATE` date, else text. None is unknown
or does not apply: shown as a dash, never as 0."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column."""

    id: str
    """Stable, in English snake_case: the name of the column in CSV and JSON."""
    title: str
    kind: Column
    over: str = ""
    """A head over several neighbouring columns that have the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `emphasis` sets totals and groups off."""

    cells: tuple[Cell, ...]
    emphasis: bool = False
    code: str = ""
    """Of the agency or level whose line it is, where it is one's: data have it beside the name."""


class ChartKind(StrEnum):
    BARS = "bars"
    """Horizontal bars, one a row of the table."""
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars; None is a gap."""

    title: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    """Ends of the intervals, or nothing."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of some of a table's figures."""

    id: str
    kind: ChartKind
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    percent: bool = True
    """Values are shares from 0 to 1; else counts."""
    target: float | None = None
    """A line across: what the plan asks for."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report: a sheet of a workbook, a section of the PDF."""

    id: str
    """Stable, in English snake_case, at most 31 letters."""
    title: str
    """At most 31 letters are shown as the sheet's name (`sheet`)."""
    sheet: str
    headings: tuple[Heading, ...]
    rows: Sequence[Row]
    total: Row | None = None
    notes: tuple[str, ...] = ()
    """Below the table."""
    charts: tuple[Chart, ...] = ()
    empty: str = ""
    """Said instead of rows where there are none."""
    landscape: bool = False
    """Too many columns for an upright page."""
    printed: bool = True
    """Else for programs alone, in CSV and JSON: another table says it to those who read."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Of the summary or of the method page."""

    title: str
    lines: tuple[str, ...]


class Standing(StrEnum):
    """How far the figures stand."""

    CLOSED = "closed"
    RESTATED = "restated"
    PROVISIONAL = "provisional"
    """Not closed: they still change."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a report is, whose, of when."""

    language: Language
    period: Period
    standing: Standing
    version: int
    """0 while provisional."""
    closing_id: int | None
    facts: str
    """SHA-256 of the facts, hexadecimal; empty while provisional."""
    at: datetime
    """When it was closed; the time in every file, so that the same report is the same bytes."""
    title: str
    """BÁO CÁO …"""
    subject: str
    """Below the title: of what and whom."""
    span: str
    """The period in words: "Tháng 10 năm 2026 (từ ngày 01/10/2026 đến ngày 31/10/2026)"."""
    remark: str
    """Of a restatement or a provisional report: what the reader has to know first; else empty."""
    superior: str
    issuer: str
    place: str
    scope: str
    """`province`, `level` or `agency`."""
    code: str
    """Of the agency, or the level; `province`."""
    name: str
    """As readers know it."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of the long form: of the period itself or of one that it is compared with."""

    about: str
    """`period`, `previous`, `year_before`."""
    panel: str
    name: str
    level: str | None
    figure: Figure


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one report says."""

    head: Head
    summary: Sequence[Paragraph]
    tables: Sequence[Table]
    """In the order in which they are read; the first is DOMAIN's "Suggested report columns"."""
    method: Sequence[Paragraph]
    figures: Sequence[FigureRow]
    definitions: Mapping[str, str] = field(default_factory=dict)
    """Version of each indicator's definition by which the period was counted."""
