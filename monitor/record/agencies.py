"""The agency table: synced from the registry, and never a reason for a row to fail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from monitor import clock
from monitor.errors import UserError
from monitor.record import clean
from monitor.record.connection import Connection
from monitor.record.statements import sql


class RegistryEntry(Protocol):
    """What the record keeps of an agency of the registry, for one period of its life."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def name_en(self) -> str | None: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...
    @property
    def successors(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """A plain `RegistryEntry`."""

    code: str
    name: str
    level: str
    parent: str | None = None
    name_en: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()


class AgencyIds:
    """Codes and their ids; a code that the table lacks is added, unlisted."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._codes: dict[int, str] = {}

    def id_of(self, code: str | None) -> int:
        """The id of a code already learned; 0 is "no known agency"."""
        return self._ids[clean.text(code, 200) or ""] if code else 0

    def code_of(self, agency_id: int) -> str:
        return self._codes[agency_id]

    def knows(self, codes: Iterable[str]) -> bool:
        """Whether `learn` has nothing to do for these codes."""
        return all((clean.text(code, 200) or "") in self._ids for code in codes)

    async def learn(self, connection: Connection, codes: Iterable[str]) -> None:
        """Make sure that `id_of` knows these codes."""
        wanted = {clean.text(code, 200) or "" for code in codes} - self._ids.keys() - {""}
        if not wanted:
            return
        await connection.execute(
            "INSERT INTO agency (code, name, listed) SELECT c, c, false FROM unnest($1::text[]) c"
            " ON CONFLICT DO NOTHING",
            sorted(wanted),
        )
        rows = await connection.fetch(
            "SELECT code, agency_id FROM agency WHERE code = ANY ($1::text[])", list(wanted)
        )
        for row in rows:
            self._ids[row["code"]] = row["agency_id"]
            self._codes[row["agency_id"]] = row["code"]


async def require_known(
    connection: Connection, code: str | None = None, level: str | None = None
) -> None:
    """Raises UserError for a code or level that no agency of the registry has had on any day."""
    if code is not None and not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM agency WHERE code = $1 AND agency_id <> 0)", code
    ):
        raise UserError(f"{code}: no such agency; `congvu agencies list` shows all codes")
    if level is None:
        return
    rows = await connection.fetch("SELECT DISTINCT level FROM agency_period ORDER BY level")
    if level not in (known := [row["level"] for row in rows]):
        raise UserError(f"{level}: no agency is of this level; there are: {', '.join(known)}")


async def sync(
    connection: Connection, agencies: Iterable[RegistryEntry], today: date | None = None
) -> None:
    """Make the tables say what the registry says, in one transaction.

    Agencies no longer in the registry stay, unlisted and without periods. An agency is called,
    and stands in the tree, as on `today` (a Vietnam day; the present one unless given).
    """
    entries = list(agencies)
    now = _standing(entries, today or clock.vietnam_day(clock.now()))
    async with connection.transaction():
        await connection.execute("LOCK TABLE agency IN SHARE ROW EXCLUSIVE MODE")
        await connection.execute(
            sql("sync_agencies"),
            list(now),
            [clean.text(agency.name) for agency in now.values()],
            [clean.text(agency.level, 100) for agency in now.values()],
            [clean.text(agency.parent, 200) for agency in now.values()],
        )
        await connection.execute(
            "UPDATE agency SET listed = false WHERE listed AND code <> ALL ($1::text[])",
            list(now),
        )
        await _sync_periods(connection, entries)
        await _sync_successors(connection, entries)


def _code(entry: RegistryEntry) -> str:
    return clean.text(entry.code, 200) or ""


def _days(entry: RegistryEntry) -> tuple[date, date]:
    """First and last day in force; an open side is what asyncpg takes as infinite."""
    return entry.valid_from or date.min, entry.valid_to or date.max


def _standing(entries: Iterable[RegistryEntry], today: date) -> dict[str, RegistryEntry]:
    """By code the entry that says how an agency stands: the last that had begun by `today`, or the
    first of one that is still to begin.
    """
    standing: dict[str, RegistryEntry] = {}
    for entry in sorted(entries, key=_days):
        if _days(entry)[0] <= today or _code(entry) not in standing:
            standing[_code(entry)] = entry
    return standing


async def _sync_periods(connection: Connection, entries: Iterable[RegistryEntry]) -> None:
    periods = {(_code(entry), _days(entry)[0]): entry for entry in entries}
    await connection.execute(
        sql("sync_agency_periods"),
        [code for code, _ in periods],
        [first for _, first in periods],
        [_days(entry)[1] for entry in periods.values()],
        [clean.text(entry.name) for entry in periods.values()],
        [clean.text(entry.name_en) for entry in periods.values()],
        [clean.text(entry.level, 100) for entry in periods.values()],
        [clean.text(entry.parent, 200) for entry in periods.values()],
    )


async def _sync_successors(connection: Connection, entries: Iterable[RegistryEntry]) -> None:
    pairs = [
        (_code(entry), clean.text(successor, 200))
        for entry in entries
        for successor in entry.successors
    ]
    await connection.execute(
        sql("sync_agency_successors"), [code for code, _ in pairs], [heir for _, heir in pairs]
    )
