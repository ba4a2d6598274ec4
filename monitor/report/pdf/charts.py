"""Charts as the template draws them: values as they are, and every text beside them."""

import math
from collections.abc import Iterator
from typing import Any

from monitor.report.model import Chart, Series
from monitor.report.numbers import Numbers
from monitor.report.pdf.text import in_cell
from monitor.report.pdf.widths import MM, width

LABEL_SIZE = 10.0
"""Points, as in charts.typ."""
WIDEST_LABEL = 0.42
"""Of a chart's room: longer labels are broken into lines."""
MOST_LABELS = 300
"""Bars that are drawn; the rows of a table are as many."""
MOST_MONTHS = 12
"""Labels below a line that fit beside each other."""


def drawing(chart: Chart, numbers: Numbers, room: float, target: str) -> dict[str, Any]:
    """One chart; `room` is the width of its page's lines in points."""
    top = _top(chart)
    labels = [in_cell(each) for each in chart.labels[:MOST_LABELS]]
    label = min(max((width(each) for each in labels), default=0.0) * LABEL_SIZE * 1.1 + 4,
                room * WIDEST_LABEL)  # fmt: skip
    return {
        "kind": chart.kind.value,
        "title": in_cell(chart.title),
        "labels": labels,
        "label_width": label,
        "label_lines": [math.ceil(width(each) * LABEL_SIZE * 1.1 / label) for each in labels],
        "label_step": math.ceil(len(labels) / MOST_MONTHS) or 1,
        "value_width": 14 * MM,
        "width": room,
        "top": top,
        "ticks": [
            {"value": each, "label": _axis(chart, numbers, each)} for each in _ticks(chart, top)
        ],
        "series": [_series(chart, each, numbers) for each in chart.series],
        "target": chart.target,
        "target_label": target.format(value=_axis(chart, numbers, chart.target or 0.0)),
    }


def _series(chart: Chart, series: Series, numbers: Numbers) -> dict[str, Any]:
    return {
        "title": in_cell(series.title),
        "values": series.values,
        "low": series.low,
        "high": series.high,
        "shown": ["–" if each is None else _value(chart, numbers, each) for each in series.values],
    }


def _value(chart: Chart, numbers: Numbers, value: float) -> str:
    return numbers.percent(value) if chart.percent else numbers.count(round(value))


def _axis(chart: Chart, numbers: Numbers, value: float) -> str:
    if chart.percent:
        return numbers.whole_percent(value)
    return numbers.count(int(value)) if value == int(value) else numbers.decimal(value)


def _top(chart: Chart) -> float:
    """Where the axis ends: at 100%, or at a round number above every count."""
    if chart.percent:
        return 1.0
    most = max(_all(chart), default=0.0)
    power = 10.0 ** math.floor(math.log10(max(most, 1.0)))
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= most)


def _ticks(chart: Chart, top: float) -> list[float]:
    """Whole numbers and shares of a quarter each, at equal distances."""
    parts = 4 if chart.percent else next(each for each in (5, 4, 3, 2, 1) if top % each == 0)
    return [top * n / parts for n in range(parts + 1)]


def _all(chart: Chart) -> Iterator[float]:
    for series in chart.series:
        yield from (each for each in (*series.values, *series.high) if each is not None)
    if chart.target is not None:
        yield chart.target
