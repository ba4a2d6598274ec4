"""Reports about people and mailboxes that an operator hands on, as of a Vietnam day.

A report is gathered in temporary tables of one transaction, so its number of rows is known before
the first is given and the rest agrees with it. People and addresses are pseudonyms unless it is
revealed, which the audit log notes before anything is opened.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import asyncpg

from monitor.errors import UserError
from monitor.record import Database, Sealer, audit
from monitor.record.addresses import SEAL
from monitor.record.connection import Connection
from monitor.record.people_key import NAME_SEAL
from monitor.record.people_key import SEAL as PERSON_SEAL
from monitor.record.pseudonyms import short
from monitor.record.statements import sql
from monitor.settings import AccountSettings

PATIENCE = 600.0
"""Seconds that one statement over two million accounts may take on a slow machine."""
AHEAD = 2000
"""Rows fetched at once."""
COARSE_DAYS = 14
"""So much later than it says may a log-on be that a mail system reports: Active Directory writes
it every 9 to 14 days ([MS-ADA1] lastLogonTimestamp), Zimbra every 7 by default."""


class ReportKind(StrEnum):
    """What may be handed on."""

    PEOPLE_WITHOUT_MAILBOX = "people-without-mailbox"
    MAILBOXES_WITHOUT_PERSON = "mailboxes-without-person"
    MAILBOXES_OF_PEOPLE_WHO_LEFT = "mailboxes-of-people-who-left"
    DUPLICATES = "duplicates"
    DORMANT = "dormant"
    NEVER_LOGGED_IN = "never-logged-in"


OF_ACTIVITY = frozenset({ReportKind.DORMANT, ReportKind.NEVER_LOGGED_IN})


class Lacking(StrEnum):
    """Why there is no data: an empty report would look as if all were well."""

    PEOPLE = "people"
    ACCOUNTS = "accounts"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report, of whom, for when; a reason opens what is sealed."""

    kind: ReportKind
    on: date
    agency: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyRows:
    """How many rows an agency has."""

    code: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row; each kind has the fields that it speaks of."""

    code: str
    agency: str
    person: str | None
    address: str | None
    together: int | None
    why: str | None
    role: str | None
    kind: str | None
    state: str | None
    source: str | None
    day: date | None
    days: int | None
    last_human: date | None
    last_other: date | None
    reported: date | None
    staff_number: str | None = None
    name: str | None = None
    real_address: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report stands on."""

    lists: tuple[str, ...]
    """"people SOURCE DAY", "accounts SOURCE DAY": the last list of each source."""
    activity_from: date | None
    activity_until: date | None


@dataclass
class Report:
    """One report; `rows` is to be read while it is open."""

    wanted: Wanted
    basis: Basis
    lacking: Lacking | None
    agencies: tuple[AgencyRows, ...]
    """In the order of their codes."""
    left_out: tuple[str, ...]
    """Codes of agencies about which the report can say nothing: they have no roster."""
    limit_days: int | None
    human: tuple[str, ...]
    rows: AsyncIterator[ReportRow] = field(repr=False)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(each.rows for each in self.agencies)

    @property
    def revealed(self) -> bool:
        """Does it show real addresses?"""
        return self.wanted.reason is not None


@asynccontextmanager
async def opened(
    database: Database, wanted: Wanted, settings: AccountSettings, sealer: Sealer | None
) -> AsyncIterator[Report]:
    """The report, to be written while this is open. `sealer` opens what a reason reveals.

    Raises UserError for an agency that nobody knows.
    """
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read"),
    ):
        report = await _Gathering(connection, wanted, settings, sealer).report()
        if wanted.reason is not None:
            async with database.connection() as other:  # committed before anything is shown
                await audit.note(other, audit.operator(), "report", _subject(report), wanted.reason)
        yield report


def _subject(report: Report) -> str:
    wanted = report.wanted
    scope = f" of agency {wanted.agency}" if wanted.agency else ""
    return f"{wanted.kind}{scope} on {wanted.on}, {report.total} rows"


class _Gathering:
    """The steps that make one report, inside its transaction."""

    def __init__(
        self,
        connection: Connection,
        wanted: Wanted,
        settings: AccountSettings,
        sealer: Sealer | None,
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._settings = settings
        self._sealer = sealer
        self._agency_id: int | None = None

    async def report(self) -> Report:
        """Gather the rows, count them, and make ready to give them."""
        on = self._wanted.on
        self._agency_id = await self._known_agency()
        found = await self._row("report_basis", on)
        basis = Basis(tuple(found["lists"]), found["known_since"], found["known_until"])
        lacking = _lacking(self._wanted.kind, found)
        if lacking is None:
            await self._connection.execute(sql("report_tables"))
            await self._connection.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
            lacking = await STEPS[self._wanted.kind](self, basis)
        counts = [] if lacking else await self._fetch("report_counts", on)
        return Report(
            wanted=self._wanted,
            basis=basis,
            lacking=lacking,
            agencies=tuple(AgencyRows(**dict(each)) for each in counts),
            left_out=() if lacking else await self._left_out(),
            limit_days=self._limit_days(),
            human=tuple(self._settings.human),
            rows=self._rows() if not lacking else _nothing(),
        )

    # -- each kind ------------------------------------------------------------------------------

    async def people_without_mailbox(self, _: Basis) -> None:
        await self._gather("report_people_without_mailbox")

    async def mailboxes_without_person(self, _: Basis) -> None:
        await self._run("report_find_nobodys_accounts", self._wanted.on, self._agency_id)
        await self._gather("report_mailboxes_without_person")

    async def mailboxes_of_people_who_left(self, _: Basis) -> None:
        # By where its owner worked, wherever the account is: of all agencies.
        await self._run("report_find_nobodys_accounts", self._wanted.on, None)
        await self._gather("report_mailboxes_of_people_who_left")
        await self._find_used(self._settings.dormant_after_days)
        await self._connection.execute(sql("report_use_after_leaving"), timeout=PATIENCE)

    async def duplicates(self, _: Basis) -> None:
        await self._run("report_find_held", self._wanted.on)
        await self._gather("report_duplicates")

    async def dormant(self, basis: Basis) -> Lacking | None:
        limit = self._settings.dormant_after_days
        if not await self._find_evidence(basis):
            return Lacking.ACTIVITY
        await self._find_used(limit)
        await self._gather("report_dormant", limit, COARSE_DAYS)
        return None

    async def never_logged_in(self, basis: Basis) -> Lacking | None:
        limit = self._settings.never_logged_in_after_days
        if not await self._find_evidence(basis):
            return Lacking.ACTIVITY
        await self._find_used(limit)
        await self._gather("report_never_logged_in", limit)
        return None

    async def _find_used(self, days: int) -> None:
        await self._run(
            "report_find_used", self._wanted.on, self._agency_id, list(self._settings.human), days
        )

    async def _find_evidence(self, basis: Basis) -> bool:
        """Would anybody have seen accounts being used? False where nothing looks."""
        await self._run(
            "report_find_evidence", self._wanted.on, basis.activity_from, basis.activity_until
        )
        return bool(await self._connection.fetchval("SELECT EXISTS (SELECT FROM evidence)"))

    # -- what they share ------------------------------------------------------------------------

    async def _known_agency(self) -> int | None:
        code = self._wanted.agency
        if code is None:
            return None
        found = await self._connection.fetchval(
            "SELECT agency_id FROM agency WHERE code = $1 AND agency_id <> 0", code
        )
        if found is None:
            raise UserError(f"{code}: no such agency; `congvu agencies list` shows all codes")
        return int(found)

    async def _left_out(self) -> tuple[str, ...]:
        if self._wanted.kind is not ReportKind.MAILBOXES_WITHOUT_PERSON:
            return ()
        rows = await self._fetch("report_agencies_without_roster", self._wanted.on, self._agency_id)
        return tuple(row["code"] for row in rows)

    def _limit_days(self) -> int | None:
        limits = {
            ReportKind.DORMANT: self._settings.dormant_after_days,
            ReportKind.NEVER_LOGGED_IN: self._settings.never_logged_in_after_days,
        }
        return limits.get(self._wanted.kind)

    async def _gather(self, name: str, *more: object) -> None:
        await self._run(name, self._wanted.on, self._agency_id, *more)
        await self._connection.execute("ANALYZE report_row")

    async def _run(self, name: str, *arguments: object) -> None:
        await self._connection.execute(sql(name), *arguments, timeout=PATIENCE)

    async def _fetch(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        return await self._connection.fetch(sql(name), *arguments, timeout=PATIENCE)

    async def _row(self, name: str, *arguments: object) -> asyncpg.Record:
        [row] = await self._fetch(name, *arguments)
        return row

    async def _rows(self) -> AsyncIterator[ReportRow]:
        reveal = self._wanted.reason is not None
        cursor = self._connection.cursor(
            sql("report_rows"), self._wanted.on, reveal, prefetch=AHEAD, timeout=PATIENCE
        )
        async for row in cursor:
            yield self._report_row(row)

    def _report_row(self, row: asyncpg.Record) -> ReportRow:
        values = {name: row[name] for name in PLAIN}
        values["person"] = None if row["person"] is None else short(row["person"])
        values["address"] = None if row["address"] is None else short(row["address"])
        if self._sealer is not None and self._wanted.reason is not None:
            key = self._sealer.open(row["sealed_key"], PERSON_SEAL)
            values["staff_number"] = staff_number(key)
            values["name"] = self._sealer.open(row["sealed_name"], NAME_SEAL)
            values["real_address"] = self._sealer.open(row["sealed_address"], SEAL)
        return ReportRow(**values)


def staff_number(key: str | None) -> str | None:
    """From what a person is known by (monitor.record.people_key): "source LF staff number"."""
    _, line, number = (key or "").partition("\n")
    return number if line else None


def _lacking(kind: ReportKind, basis: asyncpg.Record) -> Lacking | None:
    if not basis["accounts"]:
        return Lacking.ACCOUNTS
    if kind not in OF_ACTIVITY and not basis["people"]:
        return Lacking.PEOPLE
    return None


async def _nothing() -> AsyncIterator[ReportRow]:
    none: tuple[ReportRow, ...] = ()
    for row in none:
        yield row


Step = Callable[[_Gathering, Basis], Awaitable[Lacking | None]]
STEPS: Mapping[ReportKind, Step] = {
    ReportKind.PEOPLE_WITHOUT_MAILBOX: _Gathering.people_without_mailbox,
    ReportKind.MAILBOXES_WITHOUT_PERSON: _Gathering.mailboxes_without_person,
    ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT: _Gathering.mailboxes_of_people_who_left,
    ReportKind.DUPLICATES: _Gathering.duplicates,
    ReportKind.DORMANT: _Gathering.dormant,
    ReportKind.NEVER_LOGGED_IN: _Gathering.never_logged_in,
}
PLAIN = (
    "code", "agency", "person", "address", "together", "why", "role", "kind", "state", "source",
    "day", "days", "last_human", "last_other", "reported",
)  # fmt: skip
