"""Closed periods: figures that never change after they were handed in, and what restates them.

docs/decisions/0024-closed-periods.md has the reasons, docs/closing.md the operator's view.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.clock import Clock, now, vietnam_day
from monitor.errors import UserError
from monitor.measure.closing.basis import gather
from monitor.measure.closing.differences import Changes, between, find_causes, name_tables
from monitor.measure.closing.digest import digests, emptied, sealed
from monitor.measure.closing.making import (
    NEXT_ID,
    Made,
    Occasion,
    Progress,
    alone,
    different,
    make,
    moment,
    store,
)
from monitor.measure.closing.rows import Closing, by_id, find
from monitor.measure.period.accounts import account_days
from monitor.measure.period.figures import collect
from monitor.measure.plan import Plan
from monitor.measure.statements import sql
from monitor.periods import Period
from monitor.record import Database, audit
from monitor.record.connection import Connection
from monitor.settings import Settings

CERTIFICATES_BACK = timedelta(days=90)
"""How far before a period's last day its report looks at evidence (closed_certificate)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a closed period stands beside the facts as they are now."""

    closing: Closing
    """Its newest version."""
    spoilt: Sequence[str]
    """Tables whose rows are not those that were stored: somebody has tampered with them."""
    forgotten: Sequence[str]
    """Tables that retention has emptied (privacy.report_months)."""
    changes: Changes | None
    """What a restatement would change; None: nothing, or `unknown`."""
    unknown: str = ""
    """Why it cannot be computed any more; else empty."""

    @property
    def differs(self) -> bool:
        return bool(self.spoilt) or self.changes is not None


def _quiet(_step: str) -> None:
    """Nobody watches."""


async def close(
    database: Database, settings: Settings, plan: Plan, period: Period, actor: str, reason: str,
    clock: Clock = now, *, early: bool = False, progress: Progress = _quiet,
) -> Closing:  # fmt: skip
    """Freeze a period that has ended. `early`: before report.close_after_days have passed.

    Raises UserError for one that cannot be closed and says what to do; TemporaryError where facts
    come too fast, and DatabaseUnavailable.
    """
    if not reason.strip():
        raise UserError("say why it is closed: the audit log keeps it")
    occasion = _occasion(actor, reason, clock, early=early)
    _require_ended(period, occasion, settings)
    async with database.connection() as connection, alone(connection):
        if found := await find(connection, period):
            raise UserError(
                f"{period.id} was closed on {vietnam_day(found.closed_at):%d/%m/%Y} by "
                f"{found.actor}: it stays so. `congvu report check {period.id}` says whether facts "
                "have changed since, `congvu report restate` puts a new version beside it"
            )
        async with moment(connection, settings, period, occasion.today, exact=True):
            if not await connection.fetchval(sql("anything_recorded"), period.first, period.last):
                raise UserError(
                    f"{period.id} ({period.first} to {period.last}): nothing at all was recorded "
                    "of it; there is nothing to close"
                )
            made = await make(connection, settings, plan, period, occasion, progress)
            await store(connection, period, 1, occasion, made)
            return await _noted(connection, made.id, "close")


async def restate(
    database: Database, settings: Settings, plan: Plan, period: Period, actor: str, reason: str,
    clock: Clock = now, *, progress: Progress = _quiet,
) -> Closing | None:  # fmt: skip
    """Put another version of a closed period beside it, by the facts as they are now, and say what
    changed and why; None, and nothing is stored, where nothing that counts differs.

    Raises UserError for one that is not closed or cannot be computed any more.
    """
    if not reason.strip():
        raise UserError("say why it is restated (--reason): readers of the figures are told")
    occasion = _occasion(actor, reason, clock)
    async with database.connection() as connection, alone(connection):
        before = await _newest(connection, period)
        spoilt, forgotten = await _intact(connection, before)
        if spoilt:
            raise UserError(
                f"{period.id}: what is stored of version {before.version} is not what was closed "
                f"({', '.join(spoilt)}): find out who changed it; `congvu report check` says more"
            )
        if why_not := await _beyond(connection, before, settings, forgotten):
            raise UserError(f"{period.id} cannot be restated: {why_not}")
        async with moment(connection, settings, before.period, occasion.today, exact=True) as undo:
            made = await _restated(
                connection, settings, plan, before, occasion, before.version + 1, progress
            )
            if made is None:
                undo.wanted = True
                return None
            return await _noted(connection, made.id, "restate")


async def check(
    database: Database, settings: Settings, plan: Plan, period: Period, clock: Clock = now,
    *, progress: Progress = _quiet,
) -> Difference:  # fmt: skip
    """Would a restatement differ, and is what is stored what was closed. Nothing is stored.

    Raises UserError for a period that is not closed.
    """
    occasion = _occasion("congvu", "check", clock)
    async with database.connection() as connection:
        before = await _newest(connection, period)
        progress("what is stored")
        spoilt, forgotten = await _intact(connection, before)
        if why_not := await _beyond(connection, before, settings, forgotten):
            return Difference(before, spoilt, forgotten, None, why_not)
        async with moment(connection, settings, before.period, occasion.today, exact=True) as undo:
            undo.wanted = True
            made = await _restated(connection, settings, plan, before, occasion, 0, progress)
            found = (
                await between(connection, before, await by_id(connection, made.id))
                if made
                else None
            )
        return Difference(before, spoilt, forgotten, found)


@asynccontextmanager
async def provisional(
    connection: Connection, settings: Settings, plan: Plan, period: Period, clock: Clock = now
) -> AsyncIterator[int]:
    """The number of a closing that exists for this connection alone, and as long as this lasts.

    Its version is 0; it holds all that a report says, but neither the identity of facts nor a
    digest. The connection must be in no transaction. Raises UserError for a period that is still to
    begin.
    """
    occasion = _occasion("congvu", "provisional", clock)
    if period.first > occasion.today:
        raise UserError(f"{period.id} begins on {period.first}: there is nothing to report yet")
    async with moment(connection, settings, period, occasion.today, exact=False) as undo:
        undo.wanted = True
        closing_id: int = await connection.fetchval(NEXT_ID)
        await collect(
            connection, settings, plan, period, closing_id, today=occasion.today, current=True
        )
        basis = await gather(connection, settings, plan, period, occasion.today, early=False)
        await store(connection, period, 0, occasion, Made(closing_id, basis, {}))
        yield closing_id


# -- parts of them ---------------------------------------------------------------------------------


def _occasion(actor: str, reason: str, clock: Clock, *, early: bool = False) -> Occasion:
    at = clock()
    return Occasion(actor, reason, at, vietnam_day(at), early)


def _require_ended(period: Period, occasion: Occasion, settings: Settings) -> None:
    if period.last >= occasion.today:
        raise UserError(
            f"{period.id} is not over: its last day is {period.last}. `congvu report --period "
            f"{period.id}` writes its figures so far, as provisional ones"
        )
    since = period.last + timedelta(days=settings.report.close_after_days + 1)
    if occasion.today < since and not occasion.early:
        raise UserError(
            f"{period.id} ended on {period.last}, and late data may come until then "
            f"(report.close_after_days): close it from {since} on, or now with --early"
        )


async def _newest(connection: Connection, period: Period) -> Closing:
    found = await find(connection, period)
    if found is None:
        raise UserError(
            f"{period.id} is not closed; `congvu report close {period.id}` does it, "
            "`congvu report list` shows those that are"
        )
    return found


async def _intact(connection: Connection, closing: Closing) -> tuple[list[str], list[str]]:
    """Tables that are not what was stored, and those that retention has emptied."""
    stored = closing.basis.get("digests", {})
    async with connection.transaction():
        forgotten, spoilt = emptied(stored, await digests(connection, closing.id))
    seal = sealed(
        closing.period.id, closing.version, closing.closed_at, closing.actor, closing.reason,
        closing.basis,
    )  # fmt: skip
    return ["closing"] * (seal.hex() != closing.facts) + spoilt, forgotten


async def _beyond(
    connection: Connection, closing: Closing, settings: Settings, forgotten: Sequence[str]
) -> str:
    """Why a period cannot be computed anew, or nothing."""
    if forgotten:
        return "which facts it was made of has been forgotten (privacy.report_months)"
    needed = {
        "evidence": closing.period.last - CERTIFICATES_BACK,
        "activity": account_days(closing.period, settings.report.rules).first,
    }
    for what, since in needed.items():
        kept = await connection.fetchval("SELECT kept_since($1)", what)
        if isinstance(kept, date) and kept > since:
            return f"retention has removed facts of it (privacy.{what}_months); it stays as it is"
    return ""


async def _restated(
    connection: Connection, settings: Settings, plan: Plan, before: Closing, occasion: Occasion,
    version: int, progress: Progress,
) -> Made | None:  # fmt: skip
    """Make and store another version; None where it would say the same."""
    made = await make(connection, settings, plan, before.period, occasion, progress, before)
    differing = different(before.basis["digests"], made.digests)
    if not differing:
        return None
    progress("causes")
    await find_causes(connection, before, made.id, made.basis)
    await name_tables(connection, made.id, differing)
    made = replace(made, digests=await digests(connection, made.id))
    await store(connection, before.period, version, occasion, made)
    return made


async def _noted(connection: Connection, closing_id: int, action: str) -> Closing:
    """Write a new version to the audit log, and read it as it is stored."""
    made = await by_id(connection, closing_id)
    subject = f"{made.period.id} version {made.version}: facts {made.facts[:16]}"
    await audit.note(connection, made.actor, action, subject, made.reason)
    return made
