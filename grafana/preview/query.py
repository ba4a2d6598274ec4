"""Runs the queries of a dashboard's panels, as Grafana would, for a given time and variables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from grafana.preview.frames import Result
from grafana.preview.macros import sql_macros
from grafana.preview.postgres import Postgres
from grafana.preview.prometheus import Ask, Prometheus, QueryFailedError
from grafana.preview.times import TimeRange, duration, instant, step, time_range, written
from grafana.preview.variables import Option, Scope, chosen, listed

_PROMETHEUS = "prometheus"
_POSTGRES = frozenset({"postgres", "grafana-postgresql-datasource"})
_WIDTH = 1600
_COLUMNS = 24


@dataclass(frozen=True)
class Request:
    """What to show of every dashboard."""

    now: datetime
    zone: ZoneInfo
    words: tuple[str, str] | None
    """`from` and `to`, in place of the dashboard's own."""
    values: Mapping[str, tuple[str, ...]]
    """Of variables, by name, in place of their saved ones."""
    scrape_interval: float
    """Seconds; the least step of a Prometheus query."""


@dataclass(frozen=True)
class Sources:
    """Where to ask; None where none was named, so that its panels show that."""

    prometheus: Prometheus | None
    postgres: Postgres | None


@dataclass(frozen=True)
class Answers:
    """All that one picture needs beside the dashboard itself."""

    span: TimeRange
    scope: Scope
    results: Mapping[int, Sequence[Result]]
    """By the id of the panel."""

    def plain(self, zone: ZoneInfo) -> dict[str, Any]:
        """For JSON."""
        return {
            "range": {
                "from": round(self.span.start.timestamp() * 1000),
                "to": round(self.span.end.timestamp() * 1000),
                "words": self.span.words,
            },
            "zone": zone.key,
            "variables": [
                {"name": one.name, "label": one.label, "text": one.text, "hidden": one.hidden,
                 "values": one.values}
                for one in self.scope.variables.values()
            ],
            "results": {
                str(panel): [result.plain() for result in results]
                for panel, results in self.results.items()
            },
        }  # fmt: skip

    @property
    def failures(self) -> list[tuple[int, str]]:
        """Panels whose queries failed, and why."""
        return [
            (panel, f"{result.ref_id}: {result.error}")
            for panel, results in self.results.items()
            for result in results
            if result.error is not None
        ]


async def answers(dashboard: Mapping[str, Any], request: Request, sources: Sources) -> Answers:
    """Raises ValueError for a time or variable that cannot be."""
    saved = dashboard.get("time") or {"from": "now-6h", "to": "now"}
    span = time_range(request.words or (saved["from"], saved["to"]), request.now, request.zone)
    scope = await _variables(dashboard, span, request, sources)
    results = {
        int(panel["id"]): [
            await _result(panel, target, span, scope, request, sources)
            for target in panel.get("targets") or ()
            if not target.get("hide")
        ]
        for panel in panels(dashboard.get("panels") or ())
    }
    return Answers(span, scope, results)


def panels(found: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """All panels, those of rows among them."""
    for panel in found:
        if panel["type"] == "row":
            yield from panels(panel.get("panels") or ())
        else:
            yield panel


async def _variables(
    dashboard: Mapping[str, Any], span: TimeRange, request: Request, sources: Sources
) -> Scope:
    scope = Scope().with_values(_range_values(span))
    for definition in (dashboard.get("templating") or {}).get("list") or ():
        wanted = request.values.get(str(definition["name"]), ())
        if definition["type"] == "query":
            offered = await _offered(definition, span, scope, sources)
        elif definition["type"] == "datasource":
            offered = [Option(str(definition.get("query")), str(definition.get("query")))]
        else:
            offered = listed(definition)
        scope = scope.with_variable(chosen(definition, offered, wanted))
    return scope


async def _offered(
    definition: Mapping[str, Any], span: TimeRange, scope: Scope, sources: Sources
) -> list[Option]:
    query = definition.get("query")
    if isinstance(query, Mapping):
        query = query.get("rawSql") or query.get("query")
    kind = _kind(definition.get("datasource"))
    try:
        if kind == _PROMETHEUS and sources.prometheus is not None:
            return await sources.prometheus.options(scope.expand(str(query), "promql"), span)
        if kind in _POSTGRES and sources.postgres is not None:
            sql = sql_macros(scope.expand(str(query), "sql"), span)
            return await sources.postgres.options(sql)
    except QueryFailedError as error:
        raise ValueError(f"variable {definition['name']}: {error}") from None
    raise ValueError(f"variable {definition['name']}: no data source of type {kind} was named")


async def _result(
    panel: Mapping[str, Any], target: Mapping[str, Any], span: TimeRange, scope: Scope,
    request: Request, sources: Sources,
) -> Result:  # fmt: skip
    reference = str(target.get("refId") or "A")
    try:
        kind = _kind(target.get("datasource") or panel.get("datasource"))
        own = _own_span(panel, span, request)
        if kind == _PROMETHEUS and sources.prometheus is not None:
            asks = prometheus_asks(panel, target, own, scope, request.scrape_interval)
            found = [await sources.prometheus.ask(ask) for ask in asks]
            return Result(reference, [frame for frames in found for frame in frames])
        if kind in _POSTGRES and sources.postgres is not None:
            sql = postgres_sql(panel, target, own, scope, request.scrape_interval)
            series = target.get("format") == "time_series"
            return Result(reference, await sources.postgres.ask(sql, series=series))
    except (QueryFailedError, ValueError) as error:
        return Result(reference, error=str(error))
    return Result(reference, error=f"data source {kind or 'without a type'}: none was named")


def prometheus_asks(
    panel: Mapping[str, Any], target: Mapping[str, Any], span: TimeRange, scope: Scope,
    scrape_interval: float,
) -> list[Ask]:  # fmt: skip
    """The queries of one target: it may want a range, an instant, or both."""
    interval = _step(panel, target, span, scrape_interval)
    rate = max(interval + scrape_interval, 4 * scrape_interval)
    known = scope.with_values(_range_values(span) | _step_values(interval, rate))
    several = sum(1 for one in panel.get("targets") or () if not one.get("hide")) > 1
    reference = target.get("refId") or "A"
    ask = Ask(
        known.expand(str(target.get("expr") or ""), "promql"), span, interval,
        instant=bool(target.get("instant")), table=target.get("format") == "table",
        legend=known.expand(str(target.get("legendFormat") or "")),
        value_name=f"Value #{reference}" if several else "Value",
    )  # fmt: skip
    if target.get("instant") and target.get("range"):
        return [replace(ask, instant=False), ask]
    return [ask]


def postgres_sql(
    panel: Mapping[str, Any], target: Mapping[str, Any], span: TimeRange, scope: Scope,
    scrape_interval: float,
) -> str:  # fmt: skip
    """The SQL of one target with variables and macros written out."""
    interval = _step(panel, target, span, scrape_interval)
    known = scope.with_values(_range_values(span) | _step_values(interval, interval))
    return sql_macros(known.expand(str(target.get("rawSql") or ""), "sql"), span)


def _kind(source: object) -> str:
    return str(source.get("type") or "") if isinstance(source, Mapping) else ""


def _own_span(panel: Mapping[str, Any], span: TimeRange, request: Request) -> TimeRange:
    """A panel may look back another time than its dashboard."""
    override = panel.get("timeFrom")
    if not override:
        return span
    words = override if str(override).startswith("now") else f"now-{override}"
    return replace(span, start=instant(words, request.now, request.zone), end=request.now)


def _step(
    panel: Mapping[str, Any], target: Mapping[str, Any], span: TimeRange, scrape_interval: float
) -> float:
    width = _WIDTH * int((panel.get("gridPos") or {}).get("w") or _COLUMNS) // _COLUMNS
    least = str(target.get("interval") or panel.get("interval") or "").removeprefix(">")
    shortest = duration(least) if least else scrape_interval
    points = int(panel.get("maxDataPoints") or width)
    return step(span.seconds, points, shortest)


def _range_values(span: TimeRange) -> dict[str, str]:
    seconds = round(span.seconds)
    return {
        "__range": f"{seconds}s", "__range_s": str(seconds), "__range_ms": str(seconds * 1000),
        "__from": str(round(span.start.timestamp() * 1000)),
        "__to": str(round(span.end.timestamp() * 1000)),
    }  # fmt: skip


def _step_values(interval: float, rate: float) -> dict[str, str]:
    return {
        "__interval": written(interval), "__interval_ms": str(round(interval * 1000)),
        "__rate_interval": written(rate), "__rate_interval_ms": str(round(rate * 1000)),
    }  # fmt: skip
