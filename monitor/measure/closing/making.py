"""How one version of a closed period comes to be: in one transaction that sees one moment."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.errors import TemporaryError
from monitor.measure.closing import basis as closing_basis
from monitor.measure.closing.digest import COMPARISON, digests, sealed
from monitor.measure.closing.rows import Closing
from monitor.measure.figures import COVERAGE_LOCK, DAYS_AT_ONCE, LOCK
from monitor.measure.period.figures import bring_up_to_date, collect
from monitor.measure.plan import Plan
from monitor.measure.statements import sql
from monitor.periods import Period
from monitor.record.connection import Connection
from monitor.settings import Settings

CLOSING_LOCK = 0x636C6F_73696E67
"""Of "closing": one closes or restates at a time, whatever the period."""
LONGEST_WAIT_SECONDS = 1800.0
TRIES = 5
TIMEOUT_SECONDS = 1800.0
NEXT_ID = "SELECT nextval(pg_get_serial_sequence('closing', 'closing_id'))::integer"
PENDING = "SELECT EXISTS (SELECT FROM changed_day WHERE day BETWEEN $1 AND $2)"
INSERT = """
INSERT INTO closing (closing_id, period, version, first_day, last_day, closed_at, actor, reason,
                     basis, facts)
OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10)
"""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who makes a closing, when and why."""

    actor: str
    reason: str
    at: datetime
    today: date
    """The Vietnam day of `at`."""
    early: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was collected and stored, before its row in `closing`."""

    id: int
    basis: dict[str, Any]
    digests: Mapping[str, str]


@asynccontextmanager
async def alone(connection: Connection) -> AsyncIterator[None]:
    """Wait until nobody else closes a period; for longer than other locks are waited for."""
    await connection.execute("SET lock_timeout = 0")
    try:
        await connection.execute(
            "SELECT pg_advisory_lock($1)", CLOSING_LOCK, timeout=LONGEST_WAIT_SECONDS
        )
    finally:
        await connection.execute("RESET lock_timeout")
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", CLOSING_LOCK)


@asynccontextmanager
async def moment(
    connection: Connection, settings: Settings, period: Period, today: date, *, exact: bool
) -> AsyncIterator["Undo"]:
    """A transaction that sees one moment, all of whose facts are counted in figures.

    What has come since they were computed is computed first, under the lock of figures, which is
    given back before the long part: the daemon's own look waits for seconds, not for a report.
    Where facts of the period come faster than that, `exact` raises TemporaryError; else they are
    left for later. The connection must be in no transaction. Committed unless undone or left by an
    exception.
    """
    for _ in range(TRIES):
        transaction, pending = await _begun(connection, settings, period, today)
        if not (exact and pending):
            break
        await transaction.rollback()
    else:
        raise TemporaryError(
            f"facts of {period.id} are being recorded faster than they are counted: again later"
        )
    undo = Undo()
    try:
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '30min'")
        yield undo
    except BaseException:
        await transaction.rollback()
        raise
    await (transaction.rollback() if undo.wanted else transaction.commit())


@dataclass(slots=True)
class Undo:
    """Says whether what was done is to be undone."""

    wanted: bool = False


async def _begun(
    connection: Connection, settings: Settings, period: Period, today: date
) -> tuple[Any, bool]:
    """The transaction, and whether days of the period are still to be computed in what it sees."""
    locks = (LOCK, COVERAGE_LOCK)
    for lock in locks:
        await connection.execute("SELECT pg_advisory_lock($1)", lock)
    try:
        async with connection.transaction():
            await bring_up_to_date(connection, settings, today)
        transaction = connection.transaction(isolation="repeatable_read")
        await transaction.start()
        pending = await connection.fetchval(PENDING, period.first, period.last)
    finally:
        for lock in locks:
            await connection.execute("SELECT pg_advisory_unlock($1)", lock)
    return transaction, bool(pending)


async def make(
    connection: Connection, settings: Settings, plan: Plan, period: Period, occasion: Occasion,
    progress: Progress, before: Closing | None = None,
) -> Made:  # fmt: skip
    """Collect and store everything of a closing but its own row."""
    closing_id: int = await connection.fetchval(NEXT_ID)
    progress("figures")
    await collect(
        connection, settings, plan, period, closing_id, today=occasion.today, current=True
    )
    progress("identity of the facts")
    await _cells(connection, settings, period, closing_id, before)
    basis = await closing_basis.gather(
        connection, settings, plan, period, occasion.today, occasion.early
    )
    progress("digest")
    return Made(closing_id, basis, await digests(connection, closing_id))


async def _cells(
    connection: Connection,
    settings: Settings,
    period: Period,
    closing_id: int,
    before: Closing | None,
) -> None:
    kept = await connection.fetchval("SELECT kept_since('evidence')")
    since = max(period.first, kept) if isinstance(kept, date) else period.first
    days = [since + timedelta(days=n) for n in range((period.last - since).days + 1)]
    until = settings.measure.dispatch_until
    for start in range(0, len(days), DAYS_AT_ONCE):
        some = days[start : start + DAYS_AT_ONCE]
        await connection.execute(
            sql("cells_of_documents"), some, until, closing_id, timeout=TIMEOUT_SECONDS
        )
        for name in ("cells_of_messages", "cells_of_correspondence", "cells_of_registers"):
            await connection.execute(sql(name), some, closing_id, timeout=TIMEOUT_SECONDS)
    if before is not None and since > period.first:
        for name in ("carried_over", "carried_documents"):
            await connection.execute(
                sql(name), before.id, closing_id, since, timeout=TIMEOUT_SECONDS
            )


async def store(
    connection: Connection, period: Period, version: int, occasion: Occasion, made: Made
) -> None:
    """Add the row of a closing, sealed by its digest; a provisional one bears none."""
    basis = made.basis | {"digests": dict(made.digests)}
    facts = (
        sealed(period.id, version, occasion.at, occasion.actor, occasion.reason, basis)
        if version
        else b""
    )
    await connection.execute(
        INSERT, made.id, period.id, version, period.first, period.last, occasion.at,
        occasion.actor, occasion.reason, json.dumps(basis, ensure_ascii=False), facts,
    )  # fmt: skip


def different(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[str]:
    """Tables that say something else of the period. What it is compared with has facts of its own:
    it stands as it was handed in, until the period itself is restated.
    """
    return [
        table for table in after
        if table not in {"closed_change", COMPARISON} and before.get(table) != after[table]
    ]  # fmt: skip
