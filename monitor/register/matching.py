"""Register entries meet the files that were captured (docs/registers.md, "Registers and files").

In this order: the content's hash; number and notation with the day of issue; the name of the
export's file. Two entries of equal strength are no match. Whatever comes first, entry or file,
the outcome is the same: each is decided anew when the other is new or corrected.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple
from uuid import UUID

from monitor.record import Database
from monitor.record.connection import Connection
from monitor.register.numbers import Number, read_number
from monitor.register.role_matching import teach_roles
from monitor.register.statements import sql

LOCK = 0x6D61746368  # "match"
DAYS_AT_ONCE = 20_000
"""Days of agencies in one transaction; whole agencies, so it may be more."""
READ_AT_ONCE = 20_000
PATIENCE = 600.0
"""Seconds that one statement may take: a first match of a whole province on a slow machine."""
SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"

BEFORE = 7
"""Days that a file may be met before its document's day of issue: registers are kept late."""
AFTER = 92
"""Days after it that it may be sent or published."""
UNDATED_AFTER = 30
"""The same where the file does not say its day of issue."""
NAME_BEFORE, NAME_AFTER = 3, 10
"""The same where they meet by a file name alone."""
COMMON_NAME = 20
"""Entries near one another that may give one file name; given by more it says nothing."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a match did."""

    agencies: int = 0
    linked: int = 0
    """Links of an entry and a document that are new, or that something stronger now bears out."""
    dropped: int = 0
    """Automatic links that no longer hold."""
    ambiguous: int = 0
    """Files of these agencies that two or more entries claim equally: not matched."""
    roles: int = 0
    """Documents that became, or are no longer, an appendix or a copy."""

    def __add__(self, other: "Matched") -> "Matched":
        return Matched(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )


class _Numbered(NamedTuple):
    document_uid: UUID
    number_key: str
    whole: bool


async def match(database: Database) -> Matched:
    """Match all that is due, in transactions of some agencies each; once, however often asked.

    Each agency has one turn: what is recorded meanwhile waits for the next call, for documents may
    come without end. Another process that matches at the same time is waited for. Raises
    DatabaseUnavailable.
    """
    total, last = Matched(), -1
    while True:
        async with database.connection() as connection, connection.transaction():
            done = await _match_some(connection, last)
        if done is None:
            return total
        matched, last = done
        total += matched


async def _match_some(connection: Connection, after: int) -> tuple[Matched, int] | None:
    """The next agencies by id, and the last of them; None when nothing is due for any."""
    await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
    if not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM register_match_due WHERE agency_id > $1)", after
    ):
        return None
    await connection.execute(SETTINGS)
    await connection.execute(sql("match_tables"))
    await _run(connection, "match_take", DAYS_AT_ONCE, after)
    agencies = await connection.fetchval("SELECT count(DISTINCT agency_id) FROM match_due")
    last = await connection.fetchval("SELECT max(agency_id) FROM match_due")
    await _run(connection, "match_files", BEFORE, AFTER)
    await decide(connection)
    row = await connection.fetchrow(sql("match_apply"), timeout=PATIENCE)
    assert row is not None  # noqa: S101 - a SELECT of scalars
    incoming = await connection.fetchrow(sql("match_incoming"), BEFORE, AFTER, timeout=PATIENCE)
    assert incoming is not None  # noqa: S101 - a SELECT of scalars
    roles = await teach_roles(connection)
    return Matched(agencies, **dict(row), roles=roles) + Matched(**dict(incoming)), last


async def decide(connection: Connection) -> None:
    """Fill `match_candidate` and `match_scored` for the files in `match_file`; nothing else."""
    await _documents(connection)
    await _names(connection)
    if await _run(connection, "match_add_namesakes") != "INSERT 0 0":
        await connection.execute("TRUNCATE match_name, match_namesake")
        await _documents(connection)
        await _names(connection)
    await _numbers(connection)
    await _run(connection, "match_by_hash", BEFORE, AFTER)
    await _run(connection, "match_by_number", BEFORE, AFTER, UNDATED_AFTER)
    await _run(connection, "match_by_name", NAME_BEFORE, NAME_AFTER)
    await _run(connection, "match_by_hand")
    await connection.execute("ANALYZE match_candidate")
    await _run(connection, "match_decide")
    await connection.execute("ANALYZE match_scored")


async def _documents(connection: Connection) -> None:
    await connection.execute("ANALYZE match_file")
    await _run(connection, "match_documents")
    await connection.execute("ANALYZE match_document")


async def _names(connection: Connection) -> None:
    await _run(connection, "match_names", NAME_BEFORE, NAME_AFTER, COMMON_NAME)
    await connection.execute("ANALYZE match_name")
    await _run(connection, "match_namesakes", NAME_BEFORE, NAME_AFTER)


async def _numbers(connection: Connection) -> None:
    """Bring the numbers of the documents into the form in which registers have them."""
    found: list[_Numbered] = []
    cursor = connection.cursor(
        "SELECT document_uid, number, notation FROM match_document "
        "WHERE number IS NOT NULL OR notation IS NOT NULL",
        prefetch=READ_AT_ONCE,
    )
    async for row in cursor:
        number = number_of(row["number"], row["notation"])
        if number.text:
            found.append(_Numbered(row["document_uid"], number.key, bool(number.notation)))
    if found:
        await connection.copy_records_to_table(
            "match_number", records=found, columns=_Numbered._fields
        )
        await connection.execute("ANALYZE match_number")


def number_of(number: str | None, notation: str | None) -> Number:
    """What a file says of itself; nothing where that can be no number."""
    try:
        return read_number(number, notation)
    except ValueError:
        return Number()


async def _run(connection: Connection, name: str, *terms: int) -> str:
    """Run a statement; gives its command tag."""
    status: str = await connection.execute(sql(name), *terms, timeout=PATIENCE)
    return status
