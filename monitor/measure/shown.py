"""What dashboards show beside figures: funnels of all agencies, targets (docs/grafana.md)."""

from collections.abc import Sequence
from datetime import date, timedelta

from monitor.measure.progress import Progress, decimal
from monitor.measure.statements import joined, sql
from monitor.record.connection import Connection

TIMEOUT_SECONDS = 300.0
FUNNEL_DAYS = 30
COLUMNS = 19
"""Of target_standing."""
FUNNEL_LOCK, TARGETS_LOCK = 0x66756E6E_656C, 0x74617267_6574
"""Nodes that share a database write one after the other."""


async def store_funnel(connection: Connection, today: date) -> None:
    """Count the documents' steps of every agency's funnel over the 30 complete days before `today`.

    Raises what asyncpg raises.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL jit = off; SET LOCAL work_mem = '32MB'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", FUNNEL_LOCK)
        await connection.execute(
            joined("funnel_counted", "funnel_of_all"),
            today - timedelta(days=FUNNEL_DAYS), today - timedelta(days=1),
            timeout=TIMEOUT_SECONDS,
        )  # fmt: skip


async def store_targets(connection: Connection, found: Sequence[Progress]) -> None:
    """Keep how the targets stand. Raises what asyncpg raises."""
    rows = [_row(ordinal, each) for ordinal, each in enumerate(found)]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * COLUMNS
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", TARGETS_LOCK)
        await connection.execute(sql("store_targets"), *columns)


def _row(ordinal: int, each: Progress) -> tuple[object, ...]:
    """The columns of the table target_standing."""
    target = each.target
    return (
        target.id, each.code, ordinal, target.name, target.indicator.value,
        target.scope_kind.value, each.name, target.measured_channel.value, target.window.value,
        float(target.value), target.due, each.numerator, each.denominator, each.state.value,
        decimal(each.ratio), decimal(each.gap), decimal(each.path), each.units_short,
        each.assessment.value,
    )  # fmt: skip
