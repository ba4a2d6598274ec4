"""The agency table: synced from the registry, and never a reason for a row to fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from monitor.record import clean
from monitor.record.connection import Connection
from monitor.record.statements import sql


class RegistryEntry(Protocol):
    """What the record keeps of an agency of the registry."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def parent(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """A plain `RegistryEntry`."""

    code: str
    name: str
    level: str
    parent: str | None = None


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


async def sync(connection: Connection, agencies: Iterable[RegistryEntry]) -> None:
    """Make the table say what the registry says; agencies no longer in it stay, unlisted.

    Of several entries with one code (an agency through its life) the last one holds.
    """
    rows = {clean.text(agency.code, 200): agency for agency in agencies}
    async with connection.transaction():
        await connection.execute("LOCK TABLE agency IN SHARE ROW EXCLUSIVE MODE")
        await connection.execute(
            sql("sync_agencies"),
            list(rows),
            [clean.text(agency.name) for agency in rows.values()],
            [clean.text(agency.level, 100) for agency in rows.values()],
            [clean.text(agency.parent, 200) for agency in rows.values()],
        )
        await connection.execute(
            "UPDATE agency SET listed = false WHERE listed AND code <> ALL ($1::text[])",
            list(rows),
        )
