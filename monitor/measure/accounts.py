"""Who has an official account and uses it: figures and counts of this moment.

Which addresses are whose, and on which days, is brought together once, in the table `account_link`
and those beside it, and again when a list was imported; activity is then counted over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import asyncpg

from monitor.clock import Clock, now, vietnam_day
from monitor.measure.account_sql import LINK_PARTS, AccountSql
from monitor.measure.figures import Figure, Scope, State, in_pieces
from monitor.measure.indicators import Facts, of
from monitor.measure.statements import sql
from monitor.measure.windows import WindowName, current_windows
from monitor.model import Role
from monitor.record import Database
from monitor.record.connection import Connection
from monitor.settings import AccountSettings

LOCK = 0x6163636F_756E7473
"""Of "accounts": nodes that share a database measure one after the other."""
TIMEOUT_SECONDS = 300.0
PLANNING = """
SET LOCAL jit = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off;
SET LOCAL work_mem = '8MB';
SET LOCAL hash_mem_multiplier = 2; SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL statement_timeout = '300s'
"""
"""Small hash tables stay in the processor's caches: a tenth of the memory took half the time."""
USE_TABLES = (
    "headcount", "account_group", "account_counted", "account_grouped", "account_use",
    "official_use", "several_days", "several_accounts", "account_figure",
)  # fmt: skip

LEADERS = ("accounts_active", Role.LEADER, (WindowName.WD5, WindowName.WD20_PRIOR))
"""Leaders set the habit of their agency: their use is watched apart."""


@dataclass(frozen=True, slots=True)
class AccountCount:
    """How many accounts of an agency and role stand in one state today."""

    agency: str
    role: str
    """`leader`, `staff`, `mailbox`, `shared`; `unknown` where no roster says whose it is."""
    state: str
    """`active`, `idle`, `dormant`, `never_logged_in`, `locked` or `closed`."""
    accounts: int


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """What is given out as metrics; of roles only leaders' (`LEADERS`)."""

    figures: Sequence[Figure]
    counts: Sequence[AccountCount]


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the last results were made of."""

    days: tuple[date, ...]
    linked_from: date
    rosters: int
    others: int


class AccountMeasure:
    """Computes the account indicators anew where anything has changed."""

    def __init__(self, database: Database, settings: AccountSettings, clock: Clock = now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._marks: _Marks | None = None

    async def refresh(self) -> AccountFigures | None:
        """Figures and counts of this moment, stored as well; None where nothing has changed.

        Raises DatabaseUnavailable.
        """
        today = vietnam_day(self._clock())
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(PLANNING)
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            rosters, others = await _changes(connection)
            plan = AccountSql(
                await current_windows(connection, today), today, self._settings,
                kept_since=await kept_since(connection), lasting=True,
            )  # fmt: skip
            marks = _Marks(tuple(plan.roster_days), plan.linked_from, rosters, others)
            if (before := await self._linked(connection, plan, rosters)) is None:
                await link(connection, plan)
            else:
                marks = replace(marks, linked_from=before)
            if marks == self._marks:
                return None
            await use(connection, plan)
            await store(connection, plan)
            found = await _gauged(connection)
        self._marks = marks
        return found

    async def _linked(self, connection: Connection, plan: AccountSql, rosters: int) -> date | None:
        """Since when the link that is there says what is true, if that is enough."""
        before = self._marks
        if before is None or before.rosters != rosters:
            return None
        if before.linked_from > min(plan.roster_days):
            return None
        there = await connection.fetchval("SELECT to_regclass('account_link') IS NOT NULL")
        return before.linked_from if there else None


async def _changes(connection: Connection) -> tuple[int, int]:
    """Of rosters and of others; read before anything else: what changes later is seen next time."""
    row = await connection.fetchrow(sql("account_marks"))
    return (row["rosters"], row["others"]) if row else (0, 0)


async def kept_since(connection: Connection) -> date:
    """First day whose activity retention has left."""
    found = await connection.fetchval("SELECT kept_since('activity')")
    return found if isinstance(found, date) else date.min


async def link(connection: Connection, plan: AccountSql) -> None:
    """Bring together which addresses are whose, and on which days."""
    await unlink(connection, plan)
    for text in plan.linking():
        await connection.execute(text, timeout=TIMEOUT_SECONDS)
    await connection.execute(f"DROP TABLE {plan.link}_row")
    await connection.execute(f"ANALYZE {plan.link}; ANALYZE {plan.link}_group")


async def unlink(connection: Connection, plan: AccountSql) -> None:
    """Drop what `link` has made, if it has."""
    names = ", ".join([plan.link, *(f"{plan.link}_{part}" for part in LINK_PARTS)])
    await connection.execute(f"DROP TABLE IF EXISTS {names}")


async def use(connection: Connection, plan: AccountSql) -> None:
    """Count what accounts and officials did, into tables that end with the transaction."""
    for text in plan.using():
        await connection.execute(text, timeout=TIMEOUT_SECONDS)


async def unuse(connection: Connection) -> None:
    """Drop what `use` has made, so that other days can be counted in the same transaction."""
    await connection.execute(f"DROP TABLE IF EXISTS {', '.join(USE_TABLES)}")


async def store(connection: Connection, plan: AccountSql) -> None:
    """Make the figures and counts that are stored say what has been counted."""
    await connection.execute(plan.figures(), timeout=TIMEOUT_SECONDS)
    await connection.execute("ANALYZE account_figure")
    await connection.execute(sql("store_account_figures"), timeout=TIMEOUT_SECONDS)
    await connection.execute(sql("store_account_counts"), plan.today)


async def _gauged(connection: Connection) -> AccountFigures:
    names, roles, windows = given_out()
    rows = await connection.fetch(
        "SELECT f.* FROM account_figure f JOIN unnest($1::text[], $2::text[], $3::text[])"
        " AS w (name, role, days)"
        " ON f.indicator = w.name AND f.role = w.role AND f.window_name = w.days"
        " WHERE f.base = '' ORDER BY indicator, scope, code, f.role, window_name",
        names, roles, windows,
    )  # fmt: skip
    return AccountFigures(await in_pieces(rows, account_figure), await counts(connection))


def given_out() -> tuple[list[str], list[str], list[str]]:
    """What of the table `figure` is given out as metrics: indicators, roles and windows."""
    name, role, watched = LEADERS
    wanted = [
        *((each.id, "", window) for each in of(Facts.ROSTERS) for window in each.given_out),
        *((name, role, window) for window in watched),
    ]
    names, roles, windows = zip(*wanted, strict=True)
    return [*names], [*map(str, roles)], [*map(str, windows)]


async def counts(connection: Connection) -> Sequence[AccountCount]:
    """How accounts stood when they were counted last."""
    rows = await connection.fetch(
        "SELECT a.code, c.role, c.state, c.accounts FROM account_count c JOIN agency a"
        " USING (agency_id) ORDER BY 1, 2, 3"
    )
    return await in_pieces(rows, lambda row: AccountCount(*row))


def account_figure(row: asyncpg.Record) -> Figure:
    """A row of the table account_figure as a figure."""
    return Figure(
        indicator=row["indicator"],
        scope=Scope(row["scope"]),
        code=row["code"],
        channel="mail",
        document_class="",
        window=row["window_name"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        undecided=0,
        ratio=row["ratio"],
        state=State(row["state"]),
        role=row["role"],
        base=row["base"],
    )
