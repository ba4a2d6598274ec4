"""Entries of registers, the days they were given for and their files, written as rows."""

import hashlib
from datetime import date
from typing import Any

from monitor.record import Database
from monitor.record.prepare import document_uid
from tests.support.outcomes import digest


async def given(
    database: Database, first: date, last: date, code: str = "so-mot", direction: str = "out"
) -> None:
    """Say that an agency's register has been given for these days."""
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO register_span (agency_id, direction, first_day, last_day, run_id)"
            " SELECT agency_id, $2, $3, $4, 1 FROM agency WHERE code = $1",
            code, direction, first, last,
        )  # fmt: skip


async def entered(
    database: Database, number: int, day: date, code: str = "so-mot", **more: Any
) -> int:
    """One entry of a register; gives its id."""
    values: dict[str, Any] = {
        "direction": "out", "year": day.year, "number_key": str(number), "day": day,
        "issued_on": day, "number": str(number), "digest": hashlib.sha256(b"row").digest(),
        "first_run_id": 1, "run_id": 1,
    } | more  # fmt: skip
    names = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(2, len(values) + 2))
    async with database.connection() as connection:
        found = await connection.fetchval(
            f"INSERT INTO register_entry (agency_id, {names}) SELECT agency_id, {places}"
            " FROM agency WHERE code = $1 RETURNING entry_id",
            code,
            *values.values(),
        )
    assert isinstance(found, int)
    return found


async def met(
    database: Database, entry: int, content: str, channel: str = "docsys",
    code: str = "so-mot", how: str = "hash",
) -> None:  # fmt: skip
    """Match an entry with the document of a content, in a channel."""
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO register_file (entry_id, document_uid, how) VALUES ($1, $2, $3)",
            entry,
            document_uid(code, channel, digest(content)),
            how,
        )
