"""Building blocks: a panel is words, queries, a look and its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.models import (
    bargauge,
    common,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import dashboard as model

from grafana import look, words
from grafana.queries import Query, lettered, source_of
from monitor.measure.indicators import CATALOGUE, Unit

SHARE = "percentunit"
SECONDS = "s"
DURATION = "dthms"
"""hh:mm:ss: Grafana writes its other durations in English."""
BYTES = "bytes"
DATE = "time:DD/MM/YYYY"


def count_of(unit: str) -> str:
    """A number of something: `văn bản`, `thư`, `tài khoản`; Grafana sets the space between."""
    return f"suffix:{unit}"


DOCUMENTS = count_of("văn bản")
MAILS = count_of("thư")
ACCOUNTS = count_of("tài khoản")
PEOPLE = count_of("người")
AGENCIES = count_of("cơ quan")
SIGNATURES = count_of("chữ ký")
UNITS = {
    Unit.OFFICIALS: PEOPLE, Unit.MESSAGES: MAILS, Unit.DOCUMENTS: DOCUMENTS,
    Unit.SIGNATURES: SIGNATURES, Unit.AGENCIES: AGENCIES, Unit.CHECKS: count_of("phép kiểm tra"),
}  # fmt: skip


def units_of(indicator: str) -> str:
    """What its denominator counts."""
    return UNITS[CATALOGUE[indicator].unit]


@dataclass(frozen=True)
class Column:
    """How one field of a result looks, by its name."""

    name: str
    unit: str | None = None
    decimals: int | None = None
    mappings: Sequence[model.ValueMapping] = ()
    colour: str | None = None
    gauge: bool = False
    """Drawn as a bar from 0 to 1 beside its number."""
    coloured: bool = False
    """Its text takes the colour of its mapping or threshold."""
    thresholds: model.ThresholdsConfig | None = None
    width: int | None = None
    least_width: int | None = None
    """Of a column that takes the room that is left."""
    hidden: bool = False
    link: tuple[str, str] | None = None
    """Title and address."""
    band_to: str | None = None
    """Filled down to that series: an interval."""
    in_legend: bool = True
    line_width: float | None = None
    dashed: bool = False
    title: str | None = None
    nothing: str | None = None
    """In place of a value that is not there, where a panel's own words have no room."""

    def properties(self) -> list[model.DynamicConfigValue]:
        found: dict[str, object] = {}
        if self.title is not None:
            found["displayName"] = self.title
        if self.nothing is not None:
            found["noValue"] = self.nothing
        if self.unit is not None:
            found["unit"] = self.unit
        if self.decimals is not None:
            found["decimals"] = self.decimals
        if self.mappings:
            found["mappings"] = list(self.mappings)
        if self.thresholds is not None:
            found["thresholds"] = self.thresholds
        if self.colour is not None:
            found["color"] = look.fixed(self.colour)
        elif self.coloured:
            found["color"] = look.BY_THRESHOLD
        if self.link is not None:
            found["links"] = [{"title": self.link[0], "url": self.link[1]}]
        found |= self._cell() | self._line()
        return [model.DynamicConfigValue(id_val=name, value=value) for name, value in found.items()]

    def _cell(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.gauge:
            found |= {"min": 0, "max": 1}
            found["custom.cellOptions"] = common.TableBarGaugeCellOptions(
                mode=common.BarGaugeDisplayMode.BASIC,
                value_display_mode=common.BarGaugeValueMode.TEXT,
            )
        if self.coloured:
            found["custom.cellOptions"] = common.TableColorTextCellOptions()
        if self.width is not None:
            found["custom.width"] = self.width
        if self.least_width is not None:
            found["custom.minWidth"] = self.least_width
        if self.hidden:
            found["custom.hidden"] = True
        return found

    def _line(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.band_to is not None:
            found["custom.fillBelowTo"] = self.band_to
            found["custom.fillOpacity"] = 20
        if self.line_width is not None:
            found["custom.lineWidth"] = self.line_width
        if self.line_width == 0:
            found["custom.showPoints"] = common.VisibilityMode.NEVER
        if not self.in_legend:
            found["custom.hideFrom"] = common.HideSeriesConfig(
                legend=True, tooltip=False, viz=False
            )
        if self.dashed:
            found["custom.lineStyle"] = {"fill": "dash", "dash": [8, 6]}
        return found


@dataclass(frozen=True)
class Look:
    """What all fields of a panel share."""

    unit: str | None = None
    decimals: int | None = None
    mappings: Sequence[model.ValueMapping] = ()
    thresholds: model.ThresholdsConfig = field(default_factory=lambda: look.PLAIN)
    colour: model.FieldColor = field(default_factory=lambda: look.BY_THRESHOLD)
    lowest: float | None = None
    highest: float | None = None
    no_value: str = words.NO_DATA
    columns: Sequence[Column] = ()


@dataclass(frozen=True)
class Words:
    """What a panel says of itself, and the definitions it leads to."""

    title: str
    description: str
    indicators: Sequence[str] = ()
    """Ids of docs/indicators.md."""
    page: str = ""
    """Another page of the documentation, with its anchor."""

    def links(self) -> list[model.DashboardLink]:
        named = [
            (f"Định nghĩa: {words.INDICATORS.get(each, each)}", f"indicators#{each}")
            for each in self.indicators
        ]
        if self.page:
            named.append(("Giải thích", self.page))
        return [
            model.DashboardLink(title=title, url=f"${{docs}}/{page}", target_blank=True)
            for title, page in named
        ]


def _panel(
    kind: str,
    said: Words,
    queries: Sequence[Query],
    how: Look,
    options: object,
    custom: object = None,
    transformations: Sequence[model.DataTransformerConfig] = (),
) -> model.Panel:
    return model.Panel(
        type_val=kind,
        title=said.title,
        description=said.description,
        links=said.links(),
        datasource=source_of(queries),
        targets=lettered(queries),
        transformations=list(transformations),
        options=options,
        field_config=model.FieldConfigSource(
            defaults=model.FieldConfig(
                unit=how.unit, decimals=how.decimals, mappings=list(how.mappings),
                thresholds=how.thresholds, color=how.colour, no_value=how.no_value,
                min_val=how.lowest, max_val=how.highest, custom=custom,
            ),
            overrides=[
                model.DashboardFieldConfigSourceOverrides(
                    matcher=model.MatcherConfig(id_val="byName", options=column.name),
                    properties=column.properties(),
                )
                for column in how.columns
            ],
        ),
    )  # fmt: skip


LEGEND = common.VizLegendOptions(
    display_mode=common.LegendDisplayMode.LIST,
    placement=common.LegendPlacement.BOTTOM,
    show_legend=True,
)
ALL_TOOLTIPS = common.VizTooltipOptions(
    mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING
)
LAST = common.ReduceDataOptions(values=False, calcs=["lastNotNull"], fields="")
EACH_ROW = common.ReduceDataOptions(values=True, calcs=["lastNotNull"], fields="")
"""Each row of a table is a bar or number of its own."""
EVERY_FIELD = common.ReduceDataOptions(values=False, calcs=["lastNotNull"], fields="/.*/")
"""Words too, not only numbers."""


def number(
    said: Words, *queries: Query, how: Look, every_field: bool = False, spark: bool = False
) -> model.Panel:
    """One large number, or a few, each with its name, below each other."""
    several = every_field or len(queries) > 1
    options = stat.Options(
        graph_mode=common.BigValueGraphMode.AREA if spark else common.BigValueGraphMode.NONE,
        color_mode=common.BigValueColorMode.VALUE,
        justify_mode=common.BigValueJustifyMode.AUTO,
        text_mode=common.BigValueTextMode.VALUE_AND_NAME
        if several
        else common.BigValueTextMode.AUTO,
        wide_layout=True,
        reduce_options=EVERY_FIELD if every_field else LAST,
        orientation=common.VizOrientation.HORIZONTAL if several else common.VizOrientation.AUTO,
        text=common.VizTextDisplayOptions(title_size=14, value_size=20) if several else None,
    )
    return _panel("stat", said, queries, how, options)


def lines(said: Words, *queries: Query, how: Look, connect_days: int = 0) -> model.Panel:
    """Lines over time; gaps of up to `connect_days` days (weekends) are bridged."""
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle.LINE,
        line_width=2,
        fill_opacity=0,
        show_points=common.VisibilityMode.AUTO,
        point_size=4,
        span_nulls=connect_days * 86_400_000 if connect_days else False,
        axis_soft_min=0,
    )
    options = timeseries.Options(legend=LEGEND, tooltip=ALL_TOOLTIPS)
    return _panel("timeseries", said, queries, how, options, custom)


def stacks(said: Words, *queries: Query, how: Look) -> model.Panel:
    """Stacked bars over time: how many of each, a day."""
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle.BARS,
        line_width=1,
        fill_opacity=80,
        show_points=common.VisibilityMode.NEVER,
        stacking=common.StackingConfig(mode=common.StackingMode.NORMAL, group="A"),
        axis_soft_min=0,
        bar_max_width=24,
    )
    options = timeseries.Options(legend=LEGEND, tooltip=ALL_TOOLTIPS)
    return _panel("timeseries", said, queries, how, options, custom)


def rows(
    said: Words, *queries: Query, how: Look, sort: tuple[str, bool] | None = None,
    transformations: Sequence[model.DataTransformerConfig] = (),
) -> model.Panel:  # fmt: skip
    """A table; `sort` is a column and whether the largest comes first."""
    options = table.Options(
        frame_index=0,
        show_header=True,
        cell_height=common.TableCellHeight.SM,
        footer=common.TableFooterOptions(show=False, reducer=[]),
        sort_by=[common.TableSortByFieldState(display_name=sort[0], desc=sort[1])] if sort else [],
    )
    custom = common.TableFieldOptions(
        align=common.FieldTextAlignment.AUTO, filterable=False, inspect=False
    )
    return _panel("table", said, queries, how, options, custom, transformations)


def bars(said: Words, *queries: Query, how: Look, each_row: bool = False) -> model.Panel:
    """Horizontal bars with their numbers."""
    options = bargauge.Options(
        display_mode=common.BarGaugeDisplayMode.BASIC,
        value_mode=common.BarGaugeValueMode.TEXT,
        name_placement=common.BarGaugeNamePlacement.AUTO,
        show_unfilled=True,
        sizing=common.BarGaugeSizing.MANUAL,
        min_viz_width=8,
        min_viz_height=16,
        max_viz_height=32,
        legend=common.VizLegendOptions(
            show_legend=False,
            display_mode=common.LegendDisplayMode.LIST,
            placement=common.LegendPlacement.BOTTOM,
        ),
        reduce_options=EACH_ROW if each_row else LAST,
        orientation=common.VizOrientation.HORIZONTAL,
        text=common.VizTextDisplayOptions(title_size=13, value_size=15),
    )
    return _panel("bargauge", said, queries, how, options)


def states(said: Words, *queries: Query, how: Look) -> model.Panel:
    """States over time, one row a series."""
    options = statetimeline.Options(
        show_value=common.VisibilityMode.AUTO,
        row_height=0.85,
        merge_values=True,
        align_value=common.TimelineValueAlignment.LEFT,
        legend=LEGEND,
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.SINGLE),
    )
    custom = statetimeline.FieldConfig(line_width=0, fill_opacity=75)
    return _panel("state-timeline", said, queries, how, options, custom)


def joined(renamed: Mapping[str, str], dropped: Sequence[str]) -> list[model.DataTransformerConfig]:
    """One table of several queries, its columns renamed and in that order.

    Rows merge where all that they have in common is equal: queries give the same labels, and no
    name of a metric (an aggregation drops it).
    """
    return [
        model.DataTransformerConfig(id_val="merge", options={}),
        model.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": dict.fromkeys(dropped, True),
                "indexByName": {name: index for index, name in enumerate(renamed)},
                "renameByName": dict(renamed),
            },
        ),
    ]
