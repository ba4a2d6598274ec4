"""All facts and figures once more from what is recorded, and what of them was not the same.

What is shown is derived (DESIGN "record"): the result must be what there is already. Days whose
rows retention has removed are left as they are: what is left of them is not all there was.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from string import Template

from monitor.measure.account_sql import AccountSql
from monitor.measure.accounts import LOCK as ACCOUNTS_LOCK
from monitor.measure.accounts import PLANNING as ACCOUNTS_PLANNING
from monitor.measure.accounts import kept_since, link, store, use
from monitor.measure.figures import COVERAGE_LOCK, LOCK, PLANNING, Measure, roll_up
from monitor.measure.statements import sql
from monitor.measure.windows import current_windows
from monitor.record import Database
from monitor.record.connection import Connection
from monitor.settings import Settings

DAYS_AT_ONCE = 31
FACTS = (
    "day_fact", "coverage_day", "verdict_day", "reason_day", "signature_day", "mail_day",
    "mail_origin_day",
)  # fmt: skip
"""Tables of derived counts a day."""
STILL_KEPT = """
SELECT day FROM unnest($1::date[]) AS given (day) WHERE day >= kept_since('evidence') ORDER BY day
"""
"""Retention may have come between: it runs at night, and this takes hours."""
BEFORE = "CREATE TEMP TABLE before_figure ON COMMIT DROP AS SELECT * FROM figure"


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are computed anew."""

    days: Sequence[date]
    """In order."""
    left_out: int
    """Days with facts whose rows retention has removed."""


Differing = Mapping[str, Counter[date]]
"""Rows that differ, by table and day."""


class Recomputation:
    """Computes anew; with `check` everything is rolled back again, and nothing is changed."""

    def __init__(self, database: Database, settings: Settings, *, check: bool) -> None:
        self._database = database
        self._settings = settings
        self._check = check

    async def span(self, first: date, last: date) -> Span:
        """The days on which anything was recorded or counted. Raises DatabaseUnavailable."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(sql("recomputed_days"), first, last)
        days = [row["day"] for row in rows if row["kept"]]
        return Span(days, len(rows) - len(days))

    async def facts(self, days: Sequence[date]) -> Differing:
        """Compute the facts of some days anew; how many rows differ, by day and table.

        What the daemon has not come to yet (`changed_day`, `coverage_due`) is no difference.
        """
        async with self._anew(LOCK, COVERAGE_LOCK) as connection:
            await connection.execute(PLANNING)
            days = [row["day"] for row in await connection.fetch(STILL_KEPT, days)]
            due = {row["day"] for row in await connection.fetch(sql("recompute_due"), days)}
            for table in FACTS:
                await connection.execute(
                    f"CREATE TEMP TABLE before_{table} (LIKE {table}) ON COMMIT DROP"
                )
                await connection.execute(_of_table("before_facts", table), days)
            await roll_up(connection, days, self._settings.measure.dispatch_until)
            logged = await connection.fetch(sql("recompute_coverage"), days)
            await connection.execute(sql("coverage_of_days"), [row["day"] for row in logged])
            return {table: await _differing(connection, table, days, due) for table in FACTS}

    async def figures(self, today: date) -> int:
        """Compute all figures of today anew; how many were not the same."""
        async with self._anew(LOCK) as connection:
            await connection.execute(PLANNING)
            await connection.execute(BEFORE)
            until = self._settings.measure.dispatch_until
            await Measure(self._database, dispatch_until=until).compute(connection, today)
            changed = await connection.fetchval(sql("changed_figures"), today)
        return int(changed) + await self._account_figures(today)

    async def _account_figures(self, today: date) -> int:
        """Those of accounts are compared over complete days: of today more comes all the time."""
        async with self._anew(ACCOUNTS_LOCK) as connection:
            await connection.execute(ACCOUNTS_PLANNING)
            await connection.execute(BEFORE)
            plan = AccountSql(
                await current_windows(connection, today), today, self._settings.accounts,
                kept_since=await kept_since(connection), lasting=True,
            )  # fmt: skip
            await link(connection, plan)
            await use(connection, plan)
            await store(connection, plan)
            return int(await connection.fetchval(sql("changed_figures"), today))

    @asynccontextmanager
    async def _anew(self, *locks: int) -> AsyncIterator[Connection]:
        """A transaction that sees one moment, in which nobody else measures; a check undoes it."""
        async with self._database.connection() as connection:
            for lock in locks:  # before the transaction: its moment is after what others measured
                await connection.execute("SELECT pg_advisory_lock($1)", lock)
            try:
                async with _undone_if(connection, self._check):
                    yield connection
            finally:
                await connection.execute("SELECT pg_advisory_unlock_all()")


@asynccontextmanager
async def _undone_if(connection: Connection, check: bool) -> AsyncIterator[None]:
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        yield
    except BaseException:
        await transaction.rollback()
        raise
    await (transaction.rollback() if check else transaction.commit())


async def _differing(
    connection: Connection, table: str, days: Sequence[date], due: Collection[date]
) -> Counter[date]:
    rows = await connection.fetch(_of_table("differing_facts", table), days)
    return Counter({row["day"]: row["rows"] for row in rows if row["day"] not in due})


def _of_table(statement: str, table: str) -> str:
    return Template(sql(statement)).substitute(table=table)
