"""Results as the page reads them: frames of columns, shaped as Grafana's back ends shape them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

FieldKind = Literal["time", "number", "string", "boolean", "other"]
Cell = str | float | int | bool | None


@dataclass(frozen=True)
class Column:
    """One field of a frame. Times are milliseconds since 1970; NaN and infinities are words."""

    name: str
    type: FieldKind
    values: Sequence[Cell]
    labels: Mapping[str, str] | None = None
    display_name: str | None = None
    """Of a series, by its legend."""
    interval: float | None = None
    """Of a time column: milliseconds between two points."""


@dataclass(frozen=True)
class Frame:
    """A table or one series."""

    columns: Sequence[Column]
    name: str | None = None


@dataclass(frozen=True)
class Result:
    """What one query of a panel gave."""

    ref_id: str
    frames: Sequence[Frame] = field(default_factory=tuple)
    error: str | None = None

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def number(text: str) -> Cell:
    """A sample of Prometheus: JSON has no NaN and no infinity."""
    if text in {"NaN", "+Inf", "-Inf"}:
        return {"NaN": "NaN", "+Inf": "Infinity", "-Inf": "-Infinity"}[text]
    return float(text)


def wide(time: Column, labels: Sequence[Column], values: Sequence[Column]) -> Frame:
    """Rows with a time, words and numbers as one series for each combination of words.

    Grafana's `LongToWide`; rows must come in the order of their times.
    """
    instants = sorted({cell for cell in time.values if isinstance(cell, int | float)})
    place = {instant: index for index, instant in enumerate(instants)}
    series: dict[tuple[str, tuple[str, ...]], list[Cell]] = {}
    for row, moment in enumerate(time.values):
        if not isinstance(moment, int | float):
            continue
        key = tuple(str(column.values[row] or "") for column in labels)
        for column in values:
            cells = series.setdefault((column.name, key), [None] * len(instants))
            cells[place[moment]] = column.values[row]
    columns = [_series(name, labels, key, cells) for (name, key), cells in series.items()]
    return Frame([Column(time.name, "time", instants), *columns])


def _series(
    name: str, labels: Iterable[Column], key: tuple[str, ...], cells: Sequence[Cell]
) -> Column:
    """A column named `metric` gives the series its name, as Grafana does for SQL."""
    named = dict(zip((column.name for column in labels), key, strict=True))
    metric = named.pop("metric", None)
    return Column(metric or name, "number", cells, labels=named or None)
