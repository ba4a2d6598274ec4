"""Registers of documents become entries: copied in, compared and applied by SQL.

One transaction under an advisory lock: the difference that is shown is the one that is applied, and
half of it never is. The same rows in any order, in one file or several, give the same entries.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any

import asyncpg

from monitor.errors import UserError
from monitor.record import clean
from monitor.record.agencies import AgencyIds
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.register_digest import NOTHING, digest_of
from monitor.record.register_rows import (
    AgencyCount,
    Difference,
    EntryRow,
    Offered,
    Outcome,
    Said,
    Spot,
    Terms,
)
from monitor.record.sealing import Sealer
from monitor.record.statements import sql

LOCK = 0x7265676973746572  # "register"
SUBJECT_SEAL, SIGNER_SEAL, RECIPIENTS_SEAL = "subject", "signer", "recipients"
"""Purposes that columns of `register_entry` are sealed for."""
BATCH = 10_000
PATIENCE = 3600.0
"""Seconds that one statement over a million rows may take on a slow machine."""
SETTINGS = (
    "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; "
    "SET LOCAL idle_in_transaction_session_timeout = '1h'"
)
MOST_SHOWN = 1000
MOST_OF_A_NUMBER = 50
"""Documents under one number: with more, its column holds something else."""
EVERYTHING_BELOW = 20
"""So many may go without being asked for, however short the list."""
LARGEST_SHARE = 10
"""More than one in so many gone is taken for a wrong or truncated file."""
LONGEST_SPAN = 400
"""Days that a whole list may stretch over without being asked: one wrong year is more."""
_COLUMNS = (
    "n", "file", "at_row", "agency_id", "year", "number_key", "day", "number", "number_value",
    "notation", "series", "issued_on", "arrived_on", "arrival_number", "document_type", "role",
    "secret", "paper", "status", "signed_at", "sent_at", "recipients", "file_names",
    "file_hashes", "external_id", "sealed_subject", "sealed_signer", "sealed_recipients", "digest",
)  # fmt: skip


async def import_register(
    database: Database, sealer: Sealer, offered: Offered, terms: Terms
) -> Outcome:
    """Apply a register, or only say what it would change (`terms.apply`).

    Raises UserError when another import runs.
    """
    async with database.connection() as connection:
        # Before the transaction: a recorder that meets an agency of these would wait for its end.
        ids = await _agency_ids(connection, offered.agencies)
        transaction = connection.transaction()
        await transaction.start()
        outcome: Outcome | None = None
        try:
            outcome = await _Import(connection, sealer, offered, terms, ids).run()
        finally:
            if outcome is not None and outcome.applied:
                await transaction.commit()
            else:
                await transaction.rollback()
        return outcome


async def _agency_ids(connection: Connection, codes: Iterable[str]) -> dict[str, int]:
    """By code; what the record lacks is added, unlisted, as the recorder does it."""
    learned = AgencyIds()
    await learned.learn(connection, codes)
    return {code: learned.id_of(code) for code in codes}


class _Import:
    """The steps of one import, inside its transaction."""

    def __init__(
        self,
        connection: Connection,
        sealer: Sealer,
        offered: Offered,
        terms: Terms,
        ids: Mapping[str, int],
    ) -> None:
        self._connection = connection
        self._ids = ids
        self._sealer = sealer
        self._offered = offered
        self._terms = terms
        self._rows = 0
        self._unclear = False
        self._withheld = False

    async def run(self) -> Outcome:
        await self._begin()
        await self._copy()
        await self._compare()
        outcome = await self._outcome()
        if outcome.applied:
            await self._apply()
        return outcome

    async def _begin(self) -> None:
        connection = self._connection
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            raise UserError("another import of a register is running: wait for its end")
        await connection.execute(SETTINGS)
        await self._run("register_tables")

    # -- the rows ----------------------------------------------------------------------------------

    async def _copy(self) -> None:
        async with aclosing(self._batches()) as batches:
            async for rows in batches:
                await self._connection.copy_records_to_table(
                    "listed", columns=_COLUMNS, records=rows, timeout=PATIENCE
                )
        await self._connection.execute("ANALYZE listed", timeout=PATIENCE)

    async def _batches(self) -> AsyncGenerator[list[tuple[Any, ...]], None]:
        """Prepared in a thread, one ahead of the server."""
        loop = asyncio.get_running_loop()
        ahead = loop.run_in_executor(None, self._batch)
        try:
            while rows := await ahead:
                ahead = loop.run_in_executor(None, self._batch)
                yield rows
        finally:
            await asyncio.gather(ahead, return_exceptions=True)  # it does not read on behind us

    def _batch(self) -> list[tuple[Any, ...]]:
        rows = [
            self._listed(number, row, self._ids[row.agency])
            for number, row in enumerate(islice(self._offered.rows, BATCH), self._rows)
        ]
        self._rows += len(rows)
        return rows

    def _listed(self, number: int, row: EntryRow, agency_id: int) -> tuple[Any, ...]:
        """A row in the order of the table's columns."""
        seal = self._sealer.seal
        return (
            number, row.file, row.row, agency_id, row.year, row.number_key, row.day, row.number,
            row.number_value, row.notation, row.series, row.issued_on, row.arrived_on,
            row.arrival_number, row.document_type, row.role, row.secret, row.paper, row.status,
            clean.instant(row.signed_at), clean.instant(row.sent_at), row.recipients,
            row.file_names, row.file_hashes, row.external_id, seal(row.subject, SUBJECT_SEAL),
            seal(row.signer, SIGNER_SEAL), seal(row.recipient_names, RECIPIENTS_SEAL),
            digest_of(self._sealer, row),
        )  # fmt: skip

    # -- the comparison ----------------------------------------------------------------------------

    async def _compare(self) -> None:
        await self._run("register_kept")
        await self._connection.execute(sql("register_crowded"), MOST_OF_A_NUMBER, timeout=PATIENCE)
        await self._connection.execute("ANALYZE kept, conflict", timeout=PATIENCE)
        await self._write_terms()
        await self._run("register_open")
        while await self._value("register_pairs", NOTHING):
            pass
        await self._run("register_plan")
        conflicts = await self._count("conflict")
        self._withheld = self._terms.whole and (self._offered.lost() or conflicts > 0)
        await self._connection.execute(
            "UPDATE terms SET missing_is_gone = $1", self._terms.whole and not self._withheld
        )
        await self._run("register_gone")
        await self._run("register_spans")

    async def _write_terms(self) -> None:
        """With the days that the list is complete for."""
        terms = self._terms
        row = await self._connection.fetchrow("SELECT min(day), max(day) FROM kept")
        assert row is not None  # noqa: S101 - an aggregate
        first, last = terms.first, terms.last
        if terms.whole and row[0] is not None:
            self._unclear = None in (first, last) and (row[1] - row[0]).days > LONGEST_SPAN
            first, last = first or row[0], last or row[1]
        if first is None or last is None:
            first = last = None
        await self._connection.execute(
            "INSERT INTO terms (source, direction, as_of, whole, first_day, last_day) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            terms.source, terms.direction, terms.as_of, terms.whole, first, last,
        )  # fmt: skip

    async def _apply(self) -> None:
        run_id = await self._value(
            "register_write_run", self._offered.file_sha256(), self._terms.actor
        )
        if run_id is not None:
            await self._connection.execute("UPDATE terms SET run_id = $1", run_id)
            await self._run("register_apply")

    # -- what there is to say ----------------------------------------------------------------------

    async def _outcome(self) -> Outcome:
        terms = self._terms
        gone, present = await self._count("gone"), await self._count("present")
        conflicts = await self._count("conflict")
        too_many = gone > max(EVERYTHING_BELOW, terms.allow_gone) and gone * LARGEST_SHARE > present
        faultless = terms.skip_problems or not (conflicts or self._offered.faulty())
        reading_ended = self._offered.faulty() if terms.skip_problems else False
        doubles = await self._fetch("register_doubles", MOST_SHOWN)
        days = await self._connection.fetchrow("SELECT min(day), max(day) FROM kept")
        assert days is not None  # noqa: S101 - an aggregate
        copies = await self._connection.fetchval("SELECT sum(copies - 1)::bigint FROM kept")
        fields = await self._fetch("register_changed_fields")
        return Outcome(
            applied=terms.apply and faultless
            and not (too_many or self._unclear or reading_ended),
            counts=tuple(AgencyCount(**dict(row)) for row in await self._fetch("register_counts")),
            changed_fields=tuple((row["field"], row["times"]) for row in fields),
            differences=tuple(
                map(_difference, await self._fetch("register_differences", terms.shown))
            ),
            conflicts=tuple(map(_said, await self._fetch("register_conflicts", MOST_SHOWN))),
            conflict_rows=conflicts,
            repeated=tuple(map(_said, await self._fetch("register_repeated", terms.shown))),
            repeated_rows=copies or 0,
            doubles=tuple(map(_said, doubles)),
            double_numbers=doubles[0]["total"] if doubles else 0,
            first_day=days[0], last_day=days[1], days_unclear=self._unclear,
            gone=gone, present=present, too_many_gone=too_many, gone_withheld=self._withheld,
        )  # fmt: skip

    # -- statements --------------------------------------------------------------------------------

    async def _run(self, name: str) -> None:
        """A script of `sql/`, of one statement or several."""
        await self._connection.execute(sql(name), timeout=PATIENCE)

    async def _fetch(self, name: str, *values: object) -> Sequence[asyncpg.Record]:
        return await self._connection.fetch(sql(name), *values, timeout=PATIENCE)

    async def _value(self, name: str, *values: object) -> Any:
        return await self._connection.fetchval(sql(name), *values, timeout=PATIENCE)

    async def _count(self, table: str) -> int:
        return int(await self._connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names of ours


def _spot(file: int | None, row: int | None) -> Spot | None:
    return None if file is None or row is None else Spot(file, row)


def _difference(row: asyncpg.Record) -> Difference:
    fields = tuple(row["fields"])
    before, after = json.loads(row["before"]), json.loads(row["after"])
    written = "/".join(part for part in (row["number"], row["notation"]) if part)
    return Difference(
        _spot(row["file"], row["at_row"]), row["what"], row["agency"],
        row["arrival_number"] or written or row["number_key"], row["day"], fields,
        {each: before[each] for each in fields if each in before},
        {each: after[each] for each in fields if each in after},
    )  # fmt: skip


def _said(row: asyncpg.Record) -> Said:
    spot = _spot(row["file"], row["at_row"])
    assert spot is not None  # noqa: S101 - a remark is of a row
    return Said(
        row["kind"], spot, _spot(row["other_file"], row["other_row"]), row["agency"],
        row["number_key"], row["times"], row["day"],
    )  # fmt: skip
