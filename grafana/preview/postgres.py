"""Asks a PostgreSQL as Grafana's data source does: a table, or series out of it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg

from grafana.preview.frames import Cell, Column, FieldKind, Frame, wide
from grafana.preview.prometheus import QueryFailedError
from grafana.preview.variables import Option

_NUMBERS = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric", "oid"})
_TIMES = frozenset({"timestamp", "timestamptz", "date"})
_TIMEOUT = 60.0


class Postgres:
    """A database of a DSN; every query runs in a transaction that may only read."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def ask(self, sql: str, *, series: bool) -> list[Frame]:
        """The frame of one query; raises QueryFailedError with PostgreSQL's own words."""
        columns = await self._columns(sql, series=series)
        if not series:
            return [Frame(columns)]
        time = next((column for column in columns if column.type == "time"), None)
        if time is None:
            raise QueryFailedError("no time column: name one of them time")
        words = [column for column in columns if column.type == "string"]
        numbers = [column for column in columns if column.type == "number"]
        return [wide(time, words, numbers)] if time.values else []

    async def options(self, sql: str) -> list[Option]:
        """What a variable's query offers: `__value` and `__text`, or its one column."""
        columns = await self._columns(sql, series=False)
        if not columns:
            return []
        by_name = {column.name: column for column in columns}
        values = by_name.get("__value", columns[0]).values
        texts = by_name.get("__text", columns[0]).values
        return [Option(str(v), str(t)) for v, t in zip(values, texts, strict=True)]

    async def _columns(self, sql: str, *, series: bool) -> list[Column]:
        try:
            connection = await self._connected()
            async with connection.transaction(readonly=True):
                statement = await connection.prepare(sql, timeout=_TIMEOUT)
                rows = await statement.fetch(timeout=_TIMEOUT)
                types = [(one.name, one.type.name) for one in statement.get_attributes()]
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise QueryFailedError(f"PostgreSQL: {type(error).__name__}: {error}") from None
        return [
            _column(name, type_name, [row[index] for row in rows], series=series)
            for index, (name, type_name) in enumerate(types)
        ]

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None:
            self._connection = await asyncpg.connect(self._dsn, timeout=_TIMEOUT)
        return self._connection


def _column(name: str, type_name: str, cells: list[Any], *, series: bool) -> Column:
    kind: FieldKind = "string"
    if type_name in _NUMBERS:
        kind = "number"
    elif type_name in _TIMES:
        kind = "time"
    elif type_name == "bool":
        kind = "boolean"
    values = [_cell(cell) for cell in cells]
    if name == "time" and kind == "number":  # seconds since 1970, of a time group
        kind = "time"
        values = [_milliseconds(value) for value in values]
    return Column(name, "number" if series and kind == "boolean" else kind, values)


def _milliseconds(value: Cell) -> Cell:
    if not isinstance(value, int | float):
        return None
    return value * 1000 if abs(value) < 1e11 else value


def _cell(value: Any) -> Cell:
    """As Grafana has it: a date is midnight UTC, what it does not know is a word."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return _figure(float(value))
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(aware.timestamp() * 1000)
    if isinstance(value, date):
        return round(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000)
    return str(value)


def _figure(value: float) -> Cell:
    if value != value:  # noqa: PLR0124 -- NaN
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    return value
