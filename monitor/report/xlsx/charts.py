"""The sheet of charts: each stands beside the figures that it is drawn from and covers none.

Native Excel charts that refer to these cells. Long lists of bars become charts of a page each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlsxwriter.utility import xl_range_formula

from monitor.report.model import Chart, ChartKind, Series, Table
from monitor.report.numbers import Numbers
from monitor.report.xlsx.book import FONT, PLAIN, SHADE, Book, Sheet, Style
from monitor.report.xlsx.text import cut, fit, height

AT_ONCE = 30
"""Bars of one chart: as many as are read on a page."""
LABEL, VALUE, GAP = 340, 110, 24
"""Pixels of the columns."""
LABEL_LETTERS = 42
"""Of names beside bars: the table has them whole."""
CHART = 700
"""Pixels that a chart is wide."""
ROW = 24
LEAST_ROWS = 15
"""Rows that the lowest chart takes."""
WIDE, HIGH = 1020, 630
"""Pixels of a landscape A4 page within its margins."""
MOST_BREAKS = 1023
COLORS = ("#5B8DB8", "#D98B4A", "#7FA66B", "#B39B3F", "#9A7BB5", "#8C8C8C")
"""Light enough for the error bars upon them."""
TARGET = "#C00000"
TITLE = Style(size=13, bold=True)
HEAD = Style(size=PLAIN, bold=True, align="center", wrap=True, border=True, shade=SHADE)
NAME = Style(size=PLAIN, border=True, indent=True)
NUMBER = Style(size=PLAIN, align="center", border=True)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of a chart's figures."""

    title: str
    values: tuple[float | None, ...]


def write_charts(book: Book, tables: Sequence[Table]) -> None:
    """One sheet of all charts of the tables; none without charts."""
    charts = [part for table in tables for chart in table.charts for part in _parts(chart)]
    charts = [chart for chart in charts if chart.labels and chart.series]
    if not charts:
        return
    sheet = book.sheet(book.words.charts)
    most = max(len(_columns(book, chart)) for chart in charts)
    sheet.widths((LABEL, *(VALUE for _ in range(most)), GAP))
    sheet.paper(book.words.charts, landscape=True)
    scale = _scale(sheet, LABEL + most * VALUE + GAP + CHART)
    row, used, breaks = 0, 0.0, []
    for chart in charts:
        block = _Block(book, sheet, chart, row, most + 2)
        if used and used + block.height > HIGH * 100 / scale:
            used = 0.0
            breaks.append(row)
        used += block.height
        row = block.write()
    sheet.raw.set_h_pagebreaks(breaks[:MOST_BREAKS])


def _scale(sheet: Sheet, pixels: int) -> int:
    """By percent: Excel keeps no page break of a sheet that is fitted to pages."""
    scale = min(100, max(10, WIDE * 100 // pixels))
    sheet.raw.set_print_scale(scale)
    return scale


def _parts(chart: Chart) -> Iterator[Chart]:
    if chart.kind is not ChartKind.BARS or len(chart.labels) <= AT_ONCE:
        yield chart
        return
    for start in range(0, len(chart.labels), AT_ONCE):
        end = min(start + AT_ONCE, len(chart.labels))
        yield replace(
            chart,
            title=f"{chart.title} ({start + 1}–{end}/{len(chart.labels)})",
            labels=chart.labels[start:end],
            series=tuple(_cut(series, start, end) for series in chart.series),
        )


def _cut(series: Series, start: int, end: int) -> Series:
    return replace(
        series,
        values=series.values[start:end],
        low=series.low[start:end],
        high=series.high[start:end],
    )


def _columns(book: Book, chart: Chart) -> list[_Column]:
    """Values, ends of intervals where they are apart, the target."""
    found = []
    for series in chart.series:
        found.append(_Column(series.title, series.values))
        if _with_interval(series):
            found.append(_Column(book.words.below.format(title=series.title), _below(series)))
            found.append(_Column(book.words.above.format(title=series.title), _above(series)))
    if chart.target is not None:
        title = _target(book, chart)
        found.append(_Column(title, tuple(chart.target for _ in chart.labels)))
    return found


def _with_interval(series: Series) -> bool:
    return any(_below(series)) or any(_above(series))


def _below(series: Series) -> tuple[float | None, ...]:
    """How far the interval goes below each value, as error bars want it."""
    return _distance(series.values, series.low, -1)


def _above(series: Series) -> tuple[float | None, ...]:
    return _distance(series.values, series.high, 1)


def _distance(
    values: Sequence[float | None], ends: Sequence[float | None], sign: int
) -> tuple[float | None, ...]:
    if not ends:
        return tuple(None for _ in values)
    return tuple(
        None if value is None or end is None else max(0.0, sign * (end - value))
        for value, end in zip(values, ends, strict=True)
    )


def _target(book: Book, chart: Chart) -> str:
    return book.words.target.format(value=_asked(book, chart))


def _asked(book: Book, chart: Chart) -> str:
    """What the plan asks for, as the reader writes it."""
    say, value = Numbers(book.head.language), chart.target or 0.0
    return say.whole_percent(value) if chart.percent else say.decimal(value)


class _Block:
    """A chart and its figures, from one row on."""

    def __init__(self, book: Book, sheet: Sheet, chart: Chart, row: int, beside: int) -> None:
        """`beside`: the column in which the picture begins."""
        self._book, self._sheet, self._chart = book, sheet, chart
        self._row, self._beside = row, beside
        self._columns = _columns(book, chart)
        self._labels = _labels(book, chart)
        self._title = fit(chart.title)
        if chart.target is not None:
            self._title = book.words.with_target.format(
                title=self._title, value=_asked(book, chart)
            )
        self._first, self._last = row + 2, row + 1 + len(chart.labels)
        self._rows = max(len(chart.labels) + 4, LEAST_ROWS)
        self._head = max(height(each.title, VALUE, PLAIN, bold=True) for each in self._columns)

    @property
    def height(self) -> float:
        """Pixels down to the next block."""
        return self._rows * ROW + self._head / 0.75

    def write(self) -> int:
        """Gives the row after it."""
        self._sheet.text(self._row, 0, self._title, TITLE)
        self._sheet.height(self._row, ROW * 0.75)
        self._sheet.height(self._row + 1, self._head)
        self._sheet.text(self._row + 1, 0, self._book.words.label, HEAD)
        for index, column in enumerate(self._columns, 1):
            self._sheet.text(self._row + 1, index, column.title, HEAD)
        self._figures()
        for row in range(self._last + 1, self._row + self._rows + 1):
            self._sheet.height(row, ROW * 0.75)
        self._picture()
        return self._row + self._rows + 1

    def _figures(self) -> None:
        percent = "0.0%" if self._chart.percent else "#,##0"
        number = replace(NUMBER, number=f"{self._book.locale}{percent}")
        for at, label in enumerate(self._labels):
            row = self._first + at
            self._sheet.height(row, ROW * 0.75)
            self._sheet.text(row, 0, label, NAME)
            for index, column in enumerate(self._columns, 1):
                value = column.values[at]
                if value is None:
                    self._sheet.blank(row, index, number)
                else:
                    self._sheet.number(row, index, value, number)

    def _picture(self) -> None:
        bars = self._chart.kind is ChartKind.BARS
        drawn = self._book.chart("bar" if bars else "line")
        index = 1
        for color, series in enumerate(self._chart.series):
            drawn.add_series(self._series(index, series, COLORS[color % len(COLORS)], bars=bars))
            index += 3 if _with_interval(series) else 1
        if self._chart.target is not None:
            drawn.add_series(self._target_line(index, bars=bars))
        self._axes(drawn, bars=bars)
        self._legend(drawn, bars=bars)
        drawn.set_title(
            {
                "name": [self._sheet.name, self._row, 0],
                "data": [self._title],
                "overlay": False,
                "name_font": _font(13, bold=True),
            }
        )
        drawn.show_blanks_as("gap")
        drawn.set_size({"width": CHART, "height": self._rows * ROW})
        self._sheet.raw.insert_chart(
            self._row,
            self._beside,
            drawn,
            {"object_position": 2, "y_offset": 4, "description": self._title[:255]},
        )

    def _series(self, index: int, series: Series, color: str, *, bars: bool) -> dict[str, Any]:
        given = self._reference(index) | {"gap": 45, "fill": {"color": color}}
        if not bars:
            given |= {
                "line": {"color": color, "width": 2.25},
                "marker": {"type": "circle", "size": 6, "fill": {"color": color}},
            }
        if _with_interval(series):
            given["y_error_bars"] = {
                "type": "custom",
                "minus_values": self._cells(index + 1),
                "minus_data": list(_below(series)),
                "plus_values": self._cells(index + 2),
                "plus_data": list(_above(series)),
                "line": {"color": "#404040", "width": 1},
            }
        return given

    def _target_line(self, index: int, *, bars: bool) -> dict[str, Any]:
        """Across bars a trend line of a series that is not drawn: Excel has no other line there."""
        given = self._reference(index)
        line = {"color": TARGET, "width": 1.5, "dash_type": "dash"}
        if not bars:
            return given | {"line": line, "marker": {"type": "none"}}
        if len(self._chart.labels) == 1:
            return given | {"fill": {"none": True}, "border": line}
        return given | {
            "fill": {"none": True},
            "border": {"none": True},
            "trendline": {
                "type": "linear",
                "name": _target(self._book, self._chart),
                "forward": 0.5,
                "backward": 0.5,
                "line": line,
            },
        }

    def _reference(self, index: int) -> dict[str, Any]:
        """Which cells a series is drawn from, and what they hold, for programs that do not look."""
        column = self._columns[index - 1]
        name = self._sheet.name
        return {
            "name": [name, self._row + 1, index],
            "name_data": [fit(column.title)],
            "categories": [name, self._first, 0, self._last, 0],
            # As text: XlsxWriter takes labels that all look like numbers (years) for numbers.
            "categories_data": [f"{self._labels[0]} ", *self._labels[1:]],
            "values": [name, self._first, index, self._last, index],
            "values_data": list(column.values),
        }

    def _cells(self, index: int) -> str:
        """Of error bars, for which XlsxWriter takes lists for values."""
        return str(xl_range_formula(self._sheet.name, self._first, index, self._last, index))

    def _axes(self, drawn: Any, *, bars: bool) -> None:
        locale = self._book.locale
        values: dict[str, Any] = {
            "num_font": _font(10),
            "num_format": f"{locale}0%" if self._chart.percent else f"{locale}#,##0",
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
            "min": 0,
        }
        if self._chart.percent:
            values |= {"max": 1, "major_unit": 0.2}
        names: dict[str, Any] = {
            "num_font": _font(10),
            "major_tick_mark": "none",
            "interval_unit": 1,
        }
        if bars:
            drawn.set_y_axis(names | {"reverse": True, "crossing": "max"})
            drawn.set_x_axis(values)
        else:
            drawn.set_x_axis(names)
            drawn.set_y_axis(values)

    def _legend(self, drawn: Any, *, bars: bool) -> None:
        """The title names the target: LibreOffice counts the entries of a legend by other rules."""
        series = len(self._chart.series)
        if series == 1:
            drawn.set_legend({"none": True})
            return
        hidden = [series, series + 1] if self._chart.target is not None and bars else []
        drawn.set_legend({"position": "bottom", "font": _font(10), "delete_series": hidden})


def _font(size: int, *, bold: bool = False) -> dict[str, Any]:
    return {"name": FONT, "size": size, "bold": bold}


def _labels(book: Book, chart: Chart) -> list[str]:
    """What stands beside the bars: no bar is 0%, unless the label says that there are no data."""
    known = [any(value is not None for value in values)
             for values in zip(*(each.values for each in chart.series), strict=True)]  # fmt: skip
    labels = [fit(cut(label, LABEL_LETTERS)) for label in chart.labels]
    if chart.kind is ChartKind.LINES:
        return labels
    without = book.words.no_data
    return [
        label if there else f"{cut(label, LABEL_LETTERS - len(without) - 3)} ({without})"
        for label, there in zip(labels, known, strict=True)
    ]
