"""Periods collected without being closed: a closing row, what `collect` stores for it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from monitor.measure.period.figures import collect
from monitor.measure.plan import Plan
from monitor.periods import Rules, parse
from monitor.record import Database
from monitor.settings import Settings

RULES = Rules()
SETTINGS = Settings()
NO_PLAN = Plan()
TABLES = (
    "closed_agency", "closed_figure", "closed_funnel", "closed_verdict", "closed_reason",
    "closed_signature", "closed_certificate", "closed_target", "closed_document",
)  # fmt: skip

Row = Mapping[str, Any]


async def collected(
    database: Database,
    text: str,
    *,
    today: date = date(2026, 12, 31),
    plan: Plan = NO_PLAN,
    settings: Settings = SETTINGS,
    version: int = 1,
) -> int:
    """The id of a closing of a period whose figures have been collected."""
    period = parse(text, settings.report.rules)
    async with database.connection() as connection, connection.transaction():
        closing_id = await connection.fetchval(
            "INSERT INTO closing (period, version, first_day, last_day, closed_at, actor, reason,"
            " basis, facts) VALUES ($1, $2, $3, $4, $5, 'test', '', '{}', '') RETURNING closing_id",
            period.id, version, period.first, period.last, datetime(2026, 12, 31, tzinfo=UTC),
        )  # fmt: skip
        await collect(connection, settings, plan, period, closing_id, today=today)
    return int(closing_id)


async def rows_of(database: Database, table: str, closing_id: int) -> list[Row]:
    """What a closing has in a table, in an order of its own."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"SELECT * FROM {table} AS t WHERE closing_id = $1 ORDER BY t::text", closing_id
        )
    return [{k: v for k, v in row.items() if k != "closing_id"} for row in rows]


async def figures_of(
    database: Database, closing_id: int, *, about: str = "period", panel: str = "", **where: str
) -> list[Row]:
    """Figures of a closing that are so."""
    wanted = {"about": about, "panel": panel, **where}
    rows = await rows_of(database, "closed_figure", closing_id)
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


async def figure_of(
    database: Database, closing_id: int, indicator: str, code: str, **where: str
) -> Row:
    """The one figure that is so; formal documents of the docsys channel unless told."""
    defaults = {"channel": "docsys", "document_class": "formal", "base": "", "role": ""}
    (found,) = await figures_of(
        database, closing_id, indicator=indicator, code=code, **(defaults | where)
    )
    return found


def three(row: Row) -> Sequence[int]:
    return row["numerator"], row["denominator"], row["undecided"]
