"""Lists of people and accounts become periods: copied in, compared and applied by SQL.

One transaction under an advisory lock: the difference that is shown is the one that is applied, and
half of it never is. What each list means is in `sql/roster_*_plan.sql`.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date
from itertools import islice
from typing import Any, Generic, TypeAlias

from monitor.errors import UserError
from monitor.record import addresses, clean
from monitor.record.agencies import AgencyIds
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.people_key import NAME_SEAL, key_text, person_pseudonym
from monitor.record.people_key import SEAL as PERSON_SEAL
from monitor.record.roster_rows import (
    AccountRow,
    AgencyCount,
    Conflict,
    Difference,
    Known,
    ListStanding,
    Offered,
    Outcome,
    PersonRow,
    RosterRow,
    Terms,
    What,
)
from monitor.record.sealing import Sealer
from monitor.record.statements import sql

LOCK = 0x726F73746572  # "roster"
BATCH = 20_000
Said: TypeAlias = tuple[int, int, bytes | None]
"""Row, pseudonym and sealed address."""
SAID_COLUMNS = ("at_row", "pseudonym", "sealed_address")
PATIENCE = 3600.0
"""Seconds that one statement over two million rows may take on a slow machine."""
SETTINGS = (
    "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; "
    "SET LOCAL idle_in_transaction_session_timeout = '1h'"
)
"""The last one because a directory may be slow to say whom it lists."""
MOST_SHOWN = 1000
EVERYONE_BELOW = 20
"""So many may end without being asked for, however small the list."""
LARGEST_SHARE = 10
"""Ending more than one in so many is taken for a wrong file."""


async def import_people(
    database: Database, sealer: Sealer, offered: Offered[PersonRow], terms: Terms
) -> Outcome:
    """Apply a list of people, or only say what it would change (`terms.apply`).

    Raises UserError when another import runs or the list is older than the source's last one.
    """
    return await _import(database, _People(sealer, terms), offered, terms)


async def import_accounts(
    database: Database, sealer: Sealer, offered: Offered[AccountRow], terms: Terms
) -> Outcome:
    """Apply a list of accounts, or only say what it would change. Raises as `import_people`."""
    return await _import(database, _Accounts(sealer, terms), offered, terms)


def opened(sealer: Sealer, what: What, difference: Difference) -> str | None:
    """Staff number or address of a difference. To be called after the audit log has the reason."""
    purpose = PERSON_SEAL if what == "people" else addresses.SEAL
    text = sealer.open(difference.sealed, purpose)
    return text.rpartition("\n")[2] if text else None


async def newest_lists(connection: Connection, today: date) -> list[ListStanding]:
    """Of each source that a list was ever applied of."""
    rows = await connection.fetch(sql("newest_lists"), today, timeout=PATIENCE)
    return [ListStanding(**dict(row)) for row in rows]


class _Kind(ABC, Generic[RosterRow]):
    """How rows of one kind go into the temporary tables."""

    what: What
    columns: tuple[str, ...]

    def __init__(self, sealer: Sealer, terms: Terms) -> None:
        self._sealer = sealer
        self._terms = terms

    async def begin(self, connection: Connection) -> None:
        """Look up what rows need."""

    @abstractmethod
    def listed(self, row: RosterRow, agency_id: int) -> tuple[tuple[Any, ...], list[Said]]:
        """The row, in the order of `columns`, and its addresses."""

    @abstractmethod
    def pseudonym(self, known: Known) -> int | None:
        """Of someone in a row that is left out."""

    def said(self, at_row: int, address: str) -> Said:
        cleaned = clean.text(address, 320) or ""
        return at_row, self._sealer.pseudonym(cleaned), self._sealer.seal(cleaned, addresses.SEAL)

    def sql(self, step: str) -> str:
        return sql(f"roster_{self.what}_{step}")


class _People(_Kind[PersonRow]):
    what = "people"
    columns = (
        "at_row", "pseudonym", "sealed_key", "sealed_name", "agency_id", "role", "first_day",
        "last_day",
    )  # fmt: skip

    def listed(self, row: PersonRow, agency_id: int) -> tuple[tuple[Any, ...], list[Said]]:
        pseudonym, sealed = person_pseudonym(
            self._sealer, self._terms.source, row.staff_number, row.address
        )
        name = self._sealer.seal(row.name, NAME_SEAL)
        listed = (
            row.at_row, pseudonym, sealed, name, agency_id, row.role, row.first_day, row.last_day,
        )  # fmt: skip
        return listed, [self.said(row.at_row, each) for each in row.addresses]

    def pseudonym(self, known: Known) -> int | None:
        if not known.staff_number and not known.address:
            return None
        return person_pseudonym(self._sealer, self._terms.source, *known)[0]


class _Accounts(_Kind[AccountRow]):
    what = "accounts"
    columns = (
        "at_row", "pseudonym", "sealed_key", "agency_id", "kind", "state", "created_on", "since",
        "last_login", "owner", "says_aliases",
    )  # fmt: skip
    _people: str | None = None

    async def begin(self, connection: Connection) -> None:
        sources = await connection.fetch(
            "SELECT DISTINCT source FROM import_run WHERE what = 'people'"
        )
        only = sources[0]["source"] if len(sources) == 1 else None
        self._people = self._terms.people or only

    def _owner(self, row: AccountRow) -> int | None:
        if self._people is None or not row.staff_number:
            return None
        return self._sealer.pseudonym(key_text(self._people, row.staff_number, None))

    def listed(self, row: AccountRow, agency_id: int) -> tuple[tuple[Any, ...], list[Said]]:
        primary = self.said(row.at_row, row.address)
        listed = (
            *primary, agency_id, row.kind, row.state, row.created_on, row.since, row.last_login,
            self._owner(row), row.aliases is not None,
        )  # fmt: skip
        return listed, [primary, *(self.said(row.at_row, each) for each in row.aliases or ())]

    def pseudonym(self, known: Known) -> int | None:
        return self.said(0, known.address)[1] if known.address else None


async def _import(
    database: Database, kind: _Kind[RosterRow], offered: Offered[RosterRow], terms: Terms
) -> Outcome:
    async with database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        outcome: Outcome | None = None
        try:
            outcome = await _Import(connection, kind, offered, terms).run()
        finally:
            if outcome is not None and outcome.applied:
                await transaction.commit()
            else:
                await transaction.rollback()
        return outcome


class _Import(Generic[RosterRow]):
    """The steps of one import, inside its transaction."""

    def __init__(
        self,
        connection: Connection,
        kind: _Kind[RosterRow],
        offered: Offered[RosterRow],
        terms: Terms,
    ) -> None:
        self._connection = connection
        self._kind: _Kind[RosterRow] = kind
        self._offered: Offered[RosterRow] = offered
        self._terms = terms
        self._withheld = False

    async def run(self) -> Outcome:
        await self._begin()
        await self._copy()
        await self._compare()
        outcome = await self._outcome()
        if outcome.applied:
            await self._run(self._kind.sql("apply"))
            await self._connection.execute(
                sql("roster_write_run"),
                self._kind.what,
                bytes.fromhex(self._offered.file_sha256) if self._offered.file_sha256 else None,
                self._terms.actor,
                self._terms.whole,
            )
        return outcome

    async def _begin(self) -> None:
        connection, terms = self._connection, self._terms
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            raise UserError("another roster import is running, or an erasure: wait for its end")
        last = await connection.fetchval(
            "SELECT max(as_of) FROM import_run WHERE what = $1 AND source = $2",
            self._kind.what,
            terms.source,
        )
        if last is not None and terms.as_of < last:
            raise UserError(
                f"the last list of {self._kind.what} from {terms.source} is as of {last}, this one "
                f"as of {terms.as_of}: lists are imported in the order of their days; give "
                f"--as-of {last} or later if this one is newer"
            )
        await connection.execute(SETTINGS)
        await self._run(self._kind.sql("tables"))
        await self._kind.begin(connection)

    async def _copy(self) -> None:
        ids = await self._agency_ids()
        async with aclosing(self._batches(ids)) as batches:
            async for pairs in batches:
                await self._copy_to("listed", self._kind.columns, [listed for listed, _ in pairs])
                said = [each for _, several in pairs for each in several]
                await self._copy_to("listed_address", SAID_COLUMNS, said)
        left_out = [self._kind.pseudonym(each) for each in self._offered.left_out()]
        self._withheld = self._terms.whole and (self._offered.lost() or None in left_out)
        await self._copy_to("left_out", ("pseudonym",), [(p,) for p in left_out if p is not None])
        await self._connection.execute(
            "INSERT INTO terms VALUES ($1, $2, $3)",
            self._terms.as_of,
            self._terms.source,
            self._terms.whole and not self._withheld,
        )
        await self._run("ANALYZE terms, listed, listed_address, left_out")

    async def _agency_ids(self) -> dict[str, int]:
        """By code. Only what is missing is written: that locks out a change of the registry."""
        codes = list(self._offered.agencies)
        rows = await self._connection.fetch(
            "SELECT code, agency_id FROM agency WHERE code = ANY ($1::text[]) OR agency_id = 0",
            codes,
        )
        ids = {row["code"]: row["agency_id"] for row in rows}
        if missing := set(codes) - ids.keys():
            learned = AgencyIds()
            await learned.learn(self._connection, missing)
            ids |= {code: learned.id_of(code) for code in missing}
        return ids

    async def _batches(
        self, ids: dict[str, int]
    ) -> AsyncGenerator[list[tuple[tuple[Any, ...], list[Said]]], None]:
        """In a thread, because a directory lets its reader wait, and one ahead of the server."""
        loop = asyncio.get_running_loop()
        ahead = loop.run_in_executor(None, self._batch, ids)
        try:
            while pairs := await ahead:
                ahead = loop.run_in_executor(None, self._batch, ids)
                yield pairs
        finally:
            await asyncio.gather(ahead, return_exceptions=True)  # it does not read on behind us

    def _batch(self, ids: dict[str, int]) -> list[tuple[tuple[Any, ...], list[Said]]]:
        rows = islice(self._offered.rows, BATCH)
        return [self._kind.listed(row, ids[row.agency]) for row in rows]

    async def _copy_to(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        await self._connection.copy_records_to_table(
            table, columns=columns, records=rows, timeout=PATIENCE
        )

    async def _run(self, script: str) -> None:
        await self._connection.execute(script, timeout=PATIENCE)

    async def _compare(self) -> None:
        """Plan without the rows that contradict something, until none does."""
        await self._run(self._kind.sql("repeated"))
        while True:
            before = await self._count("conflict")
            await self._run(self._kind.sql("plan"))
            await self._run(self._kind.sql("conflicts"))
            if not self._terms.skip_problems or await self._count("conflict") == before:
                break
        await self._run(self._kind.sql("remarks"))

    async def _count(self, table: str) -> int:
        return int(await self._connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608 - two names of ours

    async def _outcome(self) -> Outcome:
        connection, terms = self._connection, self._terms
        counts = await connection.fetch(sql("roster_counts"), timeout=PATIENCE)
        shown = await connection.fetch(self._kind.sql("differences"), terms.shown, timeout=PATIENCE)
        ending = await connection.fetchrow(self._kind.sql("ending"), timeout=PATIENCE)
        assert ending is not None  # noqa: S101 - an aggregate without GROUP BY
        bad = await self._count("bad")
        too_many = (
            ending["ending"] > max(EVERYONE_BELOW, terms.allow_ending)
            and ending["ending"] * LARGEST_SHARE > ending["present"]
        )
        faultless = terms.skip_problems or not (bad or self._offered.faulty())
        return Outcome(
            applied=terms.apply and faultless and not too_many,
            counts=tuple(AgencyCount(**dict(row)) for row in counts),
            differences=tuple(Difference(**dict(row)) for row in shown),
            conflicts=await self._said(
                "SELECT * FROM conflict ORDER BY at_row, kind LIMIT $1", MOST_SHOWN
            ),
            conflict_rows=bad,
            remarks=await self._said(
                "SELECT DISTINCT ON (kind) *, count(*) OVER (PARTITION BY kind) AS times "
                "FROM remark ORDER BY kind, at_row"
            ),
            ending=ending["ending"],
            present=ending["present"],
            too_many_end=too_many,
            ends_withheld=self._withheld,
        )

    async def _said(self, query: str, *values: int) -> tuple[Conflict, ...]:
        rows = await self._connection.fetch(query, *values, timeout=PATIENCE)
        return tuple(Conflict(**dict(row)) for row in rows)
