"""The axis' part of the recorder's transaction: each statement takes its rows in key order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from monitor.record.axis_rows import AxisMessageRow, AxisRows
from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.record.statements import sql


async def write_axis(
    connection: Connection, rows: Sequence[AxisRows], documents: Iterable[tuple[UUID, UUID]]
) -> None:
    """Messages, what hangs on them and statuses; `documents` are pairs of message and document."""
    for distinct in _rounds([row.message for row in rows if row.message]):
        await _execute(connection, "merge_axis_messages", distinct)
    recipients = [each for row in rows for each in row.recipients]
    await _execute(connection, "insert_axis_recipients", recipients)
    await _execute(connection, "insert_axis_documents", list(documents))
    relations = [each for row in rows for each in row.relations]
    await _execute(connection, "insert_axis_relations", relations)
    await _execute(connection, "insert_axis_statuses", [row.status for row in rows if row.status])
    if due := [(uid,) for uid in sorted(_changed(rows))]:
        await connection.copy_records_to_table("axis_due", records=due, columns=["axis_uid"])


def _changed(rows: Iterable[AxisRows]) -> set[UUID]:
    """Documents of which something new was said."""
    changed: set[UUID] = set()
    for row in rows:
        changed.update(each.axis_uid for each in (row.message, row.status) if each)
        changed.update(each.of_uid for each in row.relations)
    return changed


def _rounds(messages: Iterable[AxisMessageRow]) -> Iterator[list[AxisMessageRow]]:
    """Messages in key order, each once a round: one statement merges a row once.

    The first round takes every lock that later ones need.
    """
    left = sorted(messages, key=lambda row: row.axis_uid)
    while left:
        first = {row.axis_uid: row for row in reversed(left)}
        chosen = {id(row) for row in first.values()}
        yield [row for row in left if id(row) in chosen]
        left = [row for row in left if id(row) not in chosen]


async def _execute(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await connection.execute(sql(statement), *columns(rows))
