"""Asks a Prometheus as Grafana's data source does: frames a series, or one table of labels."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from grafana.preview.frames import Cell, Column, Frame, number
from grafana.preview.times import TimeRange
from grafana.preview.variables import Option

_LABEL_VALUES = re.compile(r"label_values\((?:(?P<of>.+),)?\s*(?P<label>\w+)\s*\)", re.DOTALL)
_QUERY_RESULT = re.compile(r"query_result\((?P<query>.+)\)", re.DOTALL)
_LEGEND_LABEL = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_TIMEOUT = ClientTimeout(total=60)


class QueryFailedError(Exception):
    """What the panel shows in place of its data."""


@dataclass(frozen=True)
class Ask:
    """One query of a panel, its variables written out."""

    expression: str
    span: TimeRange
    step: float
    instant: bool
    table: bool
    legend: str
    value_name: str
    """Column of the values in a table: `Value`, or `Value #A` beside other queries."""


class Prometheus:
    """A Prometheus at a URL; use as a context manager."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = ClientSession(timeout=_TIMEOUT)

    async def close(self) -> None:
        await self._session.close()

    async def ask(self, ask: Ask) -> list[Frame]:
        """Frames of one query; raises QueryFailedError with Prometheus' own words."""
        if ask.instant:
            arguments = {"query": ask.expression, "time": _seconds(ask.span.end)}
            data = await self._get("query", arguments)
        else:
            start = ask.span.start.timestamp() // ask.step * ask.step
            arguments = {
                "query": ask.expression, "start": str(start), "step": str(ask.step),
                "end": _seconds(ask.span.end),
            }  # fmt: skip
            data = await self._get("query_range", arguments)
        series = _series(data)
        return [_table(ask, series)] if ask.table else [_frame(ask, one) for one in series]

    async def options(self, query: str, span: TimeRange) -> list[Option]:
        """What a variable's `label_values(…)` or `query_result(…)` offers."""
        values = _LABEL_VALUES.fullmatch(query.strip())
        if values is not None:
            arguments = {"start": _seconds(span.start), "end": _seconds(span.end)}
            if values["of"]:
                arguments["match[]"] = values["of"].strip()
            found = await self._get(f"label/{values['label']}/values", arguments)
            return [Option(str(value), str(value)) for value in found]
        result = _QUERY_RESULT.fullmatch(query.strip())
        if result is None:
            raise QueryFailedError(f"{query}: this tool knows label_values() and query_result()")
        data = await self._get("query", {"query": result["query"], "time": _seconds(span.end)})
        lines = [_described(labels, samples) for labels, samples in _series(data)]
        return [Option(line, line) for line in lines]

    async def _get(self, path: str, arguments: Mapping[str, str]) -> Any:
        try:
            async with self._session.get(f"{self._url}/api/v1/{path}", params=arguments) as answer:
                body = await answer.json(content_type=None)
        except (ClientError, TimeoutError, ValueError) as error:
            raise QueryFailedError(f"Prometheus {self._url}: {error}") from None
        if body.get("status") != "success":
            raise QueryFailedError(f"{body.get('errorType')}: {body.get('error')}")
        return body["data"]


_Series = tuple[Mapping[str, str], Sequence[tuple[float, str]]]


def _series(data: Mapping[str, Any]) -> list[_Series]:
    if data["resultType"] == "scalar":
        return [({}, [tuple(data["result"])])]
    if data["resultType"] == "string":
        raise QueryFailedError("the expression gives a word; panels draw numbers")
    return [(one["metric"], one.get("values") or [one["value"]]) for one in data["result"]]


def _frame(ask: Ask, series: _Series) -> Frame:
    labels, samples = series
    times = [round(float(moment) * 1000) for moment, _ in samples]
    values = [number(value) for _, value in samples]
    name = _legend(ask, labels)
    return Frame(
        [
            Column("Time", "time", times, interval=ask.step * 1000),
            Column("Value", "number", values, labels=dict(labels), display_name=name or None),
        ],
        name=name or None,
    )


def _legend(ask: Ask, labels: Mapping[str, str]) -> str:
    """The name of a series: `getName` of Grafana's Prometheus back end."""
    if ask.legend == "__auto":
        if labels:
            return ""
    elif ask.legend:
        return _LEGEND_LABEL.sub(lambda match: labels.get(match[1], ""), ask.legend)
    return _described(labels, None) or ask.expression


def _described(labels: Mapping[str, str], samples: Sequence[tuple[float, str]] | None) -> str:
    name = labels.get("__name__", "")
    inner = ", ".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
    words = f"{name}{{{inner}}}" if inner else name
    if samples is None:
        return words
    moment, value = samples[-1]
    return f"{words} {value} {round(float(moment) * 1000)}"


def _table(ask: Ask, series: Sequence[_Series]) -> Frame:
    """All series of a query as rows: time, labels, value."""
    names = sorted({key for labels, _ in series for key in labels})
    rows: list[tuple[float, Mapping[str, str], Cell]] = [
        (round(float(moment) * 1000), labels, number(value))
        for labels, samples in series
        for moment, value in samples
    ]
    if not rows:
        return Frame([])
    return Frame(
        [
            Column("Time", "time", [moment for moment, _, _ in rows]),
            *(Column(name, "string", [row[1].get(name, "") for row in rows]) for name in names),
            Column(ask.value_name, "number", [value for _, _, value in rows]),
        ]
    )


def _seconds(moment: datetime) -> str:
    return str(moment.timestamp())
