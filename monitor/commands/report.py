"""`congvu report`: the report of a period as files."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from monitor.clock import VIETNAM, now, vietnam_day
from monitor.errors import UserError
from monitor.explain import safe
from monitor.measure import closing as closings
from monitor.measure.closing import Closing
from monitor.measure.plan import Plan
from monitor.measure.plan import read as read_plan
from monitor.model import Language
from monitor.observe import Observer, configure_logging
from monitor.periods import Period, parse
from monitor.record import Sealer, attached, audit
from monitor.record.agencies import require_known
from monitor.record.connection import Connection
from monitor.report.export import exported
from monitor.report.order import Names, Order, Written
from monitor.settings import ReportFormat, Settings
from monitor.whole_file import make_folder


@dataclass(frozen=True, slots=True)
class Request:
    """Which report, of whom, and how it is written."""

    period: str
    out: Path
    formats: tuple[ReportFormat, ...]
    languages: tuple[Language, ...]
    agency: str | None = None
    level: str | None = None
    sheets: bool = False
    version: int | None = None
    provisional: bool = False
    """Of the facts as they are now, although the period is closed."""
    bom: bool = True
    semicolon: bool = False
    names_reason: str | None = None
    """Why names of people are wanted; None is without them."""


def period_of(text: str, settings: Settings) -> Period:
    """The period that is meant. Raises UserError."""
    try:
        return parse(text, settings.report.rules)
    except ValueError as error:
        raise UserError(f"period {error}") from None


def plan_of(settings: Settings) -> Plan:
    """The plan of targets, where there is one. Raises UserError."""
    return read_plan(settings.measure.targets) if settings.measure.targets else Plan()


def make_report(request: Request, settings: Settings) -> int:
    """Write the files and say which; status 1 where one differs from what was handed out."""
    configure_logging("error", "console")
    period = period_of(request.period, settings)
    if request.names_reason is not None and not request.agency:
        raise UserError("--with-names needs --agency: names are given of one agency at a time")
    make_folder(request.out)
    written = asyncio.run(_make(request, period, settings))
    return 1 if any(each.differs for each in written) else 0


async def _make(request: Request, period: Period, settings: Settings) -> list[Written]:
    written = []
    async with attached(settings, Observer()) as database, database.connection() as connection:
        await require_known(connection, request.agency, request.level)
        async with _source(connection, request, period, settings) as closing_id:
            names = None
            if request.names_reason is not None:
                async with database.connection() as other:  # kept whatever becomes of this one
                    await _note(other, request)
                names = await _names(connection, request, closing_id, settings)
            order = Order(
                request.formats, request.languages, request.agency, request.level,
                request.sheets, request.bom, request.semicolon, names,
            )  # fmt: skip
            async for each in exported(connection, settings, closing_id, order, request.out):
                _tell(each)
                written.append(each)
    return written


@asynccontextmanager
async def _source(
    connection: Connection, request: Request, period: Period, settings: Settings
) -> AsyncIterator[int]:
    """The closing that is wanted; without one the facts as they are now."""
    found = await closings.find(connection, period, request.version)
    if found is None and request.version is not None:
        raise UserError(
            f"{period.id} has no version {request.version}; `congvu report list` shows what has"
        )
    if found is not None and not request.provisional:
        _say(_closed(found))
        yield found.id
        return
    _say(
        f"{period.id} ({period.first} to {period.last}) is not closed: these figures are "
        f"provisional and still change. {_how_closed(period)}"
        if found is None
        else f"{period.id} as the facts are now: provisional, not what was handed in."
    )
    plan = plan_of(settings)
    async with closings.provisional(connection, settings, plan, period) as closing_id:
        yield closing_id


def _how_closed(period: Period) -> str:
    closing = f"`congvu report close {period.id}` freezes them"
    if vietnam_day(now()) <= period.last:
        return f"The period is not over: from {period.last + timedelta(days=1)} on {closing}."
    return f"{closing}."


async def _note(connection: Connection, request: Request) -> None:
    subject = f"report {request.period} of {request.agency}: senders and subjects"
    await audit.note(connection, audit.operator(), "report", subject, request.names_reason or "")


async def _names(
    connection: Connection, request: Request, closing_id: int, settings: Settings
) -> Names:
    """Who sent the documents of one agency, and about what."""
    sealer = Sealer.load(settings.state_dir)
    rows = await connection.fetch(
        "SELECT c.document_uid, d.sealed_sender, d.sealed_subject FROM closed_document c"
        " JOIN document d ON d.document_uid = c.document_uid AND d.day = c.day"
        " WHERE c.closing_id = $1 AND c.code = $2",
        closing_id,
        request.agency,
    )
    names: dict[UUID, tuple[str, str]] = {}
    for row in rows:
        names[row["document_uid"]] = (
            sealer.open(row["sealed_sender"], "sender") or "",
            sealer.open(row["sealed_subject"], "subject") or "",
        )
    return names


def _closed(closing: Closing) -> str:
    at = closing.closed_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
    restated = "" if closing.version == 1 else f", which restates it ({safe(closing.reason)})"
    return (
        f"{closing.period.id} ({closing.period.first} to {closing.period.last}), version "
        f"{closing.version}{restated}, closed {at} by {safe(closing.actor)}, "
        f"facts {closing.facts[:16]}"
    )


def _tell(written: Written) -> None:
    sys.stdout.write(f"{written.path}  {written.size:,} bytes  sha256 {written.sha256[:16]}\n")
    sys.stdout.flush()
    if written.differs:
        _say(
            f"{written.path} differs from what congvu {written.differs} handed out under this "
            "name: its figures are the same, its layout or settings of its head have changed"
        )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
