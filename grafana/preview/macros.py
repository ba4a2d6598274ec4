"""Macros of Grafana's PostgreSQL data source (grafana-postgresql-datasource/macros.go)."""

import re
from datetime import UTC, datetime

from grafana.preview.times import TimeRange, duration

# As there: arguments end at the first closing parenthesis, so that a query that Grafana would
# read wrongly is read wrongly here too.
_MACRO = re.compile(r"\$(__[A-Za-z]\w*)\(([^)]*)\)")


def sql_macros(sql: str, span: TimeRange) -> str:
    """`sql` with its macros written out; raises ValueError for one that Grafana does not have."""
    return _MACRO.sub(lambda match: _macro(match[1], _arguments(match[2]), span), sql)


def _arguments(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _macro(name: str, arguments: list[str], span: TimeRange) -> str:
    if name.endswith("Alias"):
        return _macro(name.removesuffix("Alias"), arguments, span) + ' AS "time"'
    column = arguments[0] if arguments else ""
    if name in {"__timeGroup", "__unixEpochGroup"}:
        bucket = _bucket(arguments)
        what = f"extract(epoch from {column})" if name == "__timeGroup" else f"({column})"
        return f"floor({what}/{bucket})*{bucket}"
    start, end = _timestamp(span.start), _timestamp(span.end)
    unix_start, unix_end = int(span.start.timestamp()), int(span.end.timestamp())
    written = {
        "__time": f'{column} AS "time"',
        "__timeEpoch": f'extract(epoch from {column}) as "time"',
        "__timeFilter": f"{column} BETWEEN {start} AND {end}",
        "__timeFrom": start,
        "__timeTo": end,
        "__unixEpochFilter": f"{column} >= {unix_start} AND {column} <= {unix_end}",
        "__unixEpochFrom": str(unix_start),
        "__unixEpochTo": str(unix_end),
    }.get(name)
    if written is None:
        raise ValueError(f"unknown macro ${name}")
    return written


def _bucket(arguments: list[str]) -> str:
    if len(arguments) != 2:
        raise ValueError("a time group takes a column and a step (this tool fills no gaps)")
    seconds = duration(arguments[1].strip("'"))
    return str(int(seconds) if seconds.is_integer() else seconds)


def _timestamp(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return f"'{text}Z'"
