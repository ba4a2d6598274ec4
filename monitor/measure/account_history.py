"""The account indicators of past days: each month by its own roster, agencies and activity."""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.measure.account_sql import AccountSql
from monitor.measure.accounts import (
    PLANNING,
    TIMEOUT_SECONDS,
    account_figure,
    kept_since,
    link,
    unlink,
    unuse,
    use,
)
from monitor.measure.figures import Figure, Scope
from monitor.measure.statements import sql
from monitor.measure.windows import window_between
from monitor.record.connection import Connection
from monitor.settings import AccountSettings

TEMPORARY_LINK = "pg_temp.account_link_then"


@dataclass(frozen=True, slots=True)
class Past:
    """The figures of some days: of every agency, and of each panel alone."""

    first: date
    last: date
    figures: Sequence[Figure]
    panels: Sequence[Sequence[Figure]] = ()


async def figures_between(
    connection: Connection,
    settings: AccountSettings,
    first: date,
    last: date,
    *,
    agencies: Collection[int] | None = None,
    panels: Sequence[Collection[int]] = (),
) -> Past:
    """All account figures of the days from one to another, at most 63, both included.

    `agencies`: only what was entered for these ids; groups are then sums of these alone.
    `panels`: sets of ids, of each of which the figures are computed apart.
    Stores nothing. Raises ValueError for longer spans.
    """
    plan = AccountSql(
        [await window_between(connection, "days", first, last)], last, settings, TEMPORARY_LINK,
        agencies, await kept_since(connection),
    )  # fmt: skip
    async with connection.transaction():
        if agencies is None:
            await connection.execute(PLANNING)
        await link(connection, plan)
        await use(connection, plan)
        figures = await _figures(connection, plan)
        of_panels = [await _figures(connection, plan, panel) for panel in panels]
        await unuse(connection)
        await unlink(connection, plan)
    return Past(first, last, figures, of_panels)


async def _figures(
    connection: Connection, plan: AccountSql, panel: Collection[int] | None = None
) -> Sequence[Figure]:
    await connection.execute("DROP TABLE IF EXISTS account_figure")
    await connection.execute(plan.figures(panel), timeout=TIMEOUT_SECONDS)
    rows = await connection.fetch(
        "SELECT * FROM account_figure ORDER BY indicator, scope, code, role, base"
    )
    return [account_figure(row) for row in rows]


async def same_agencies(connection: Connection, first: date, last: date) -> frozenset[int]:
    """Agencies in force on every day from one to another, whatever their names."""
    rows = await connection.fetch(sql("same_agencies"), first, last)
    return frozenset(row["agency_id"] for row in rows)


async def agencies_of(connection: Connection, code: str, day: date) -> frozenset[int]:
    """The agency of a code, in force on a day, and all whose things it holds then; else empty."""
    rows = await connection.fetch(
        "SELECT h.agency_id FROM agency_holder($2) h JOIN agency a ON a.agency_id = h.holder_id"
        " WHERE a.code = $1 AND h.holder_id <> 0",
        code,
        day,
    )
    return frozenset(row["agency_id"] for row in rows)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose figures are wanted: an agency's, a level's, or with neither the province's."""

    agency: str | None = None
    level: str | None = None

    @property
    def scope(self) -> Scope:
        return Scope.AGENCY if self.agency else Scope.LEVEL if self.level else Scope.PROVINCE

    @property
    def code(self) -> str:
        return self.agency or self.level or Scope.PROVINCE


async def documents_between(
    connection: Connection,
    whose: Whose,
    first: date,
    last: date,
    panel: Collection[int] | None = None,
) -> dict[str, tuple[int, int]]:
    """Numerators and denominators of formal documents of some days, by indicator; with a panel of
    these agencies alone. What is absent has no data.
    """
    rows = await connection.fetch(
        sql("documents_between"), first, last, whose.agency, whose.level,
        list(panel) if panel is not None else None,
    )  # fmt: skip
    return {row["indicator"]: (row["numerator"], row["denominator"]) for row in rows}


def months_between(first: date, last: date) -> list[tuple[date, date]]:
    """First and last day of every calendar month from one day's to another's."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    index = first.year * 12 + first.month - 1
    starts = [date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(count)]
    return [(day, day.replace(day=monthrange(day.year, day.month)[1])) for day in starts]
