"""Register entries made by hand, as an import would have written them, and what they have met."""

import dataclasses
from datetime import date, datetime, timedelta

from monitor.model import DocumentRole
from monitor.record import Database
from monitor.register.matching import Matched, match
from monitor.register.numbers import read_number
from tests.support.outcomes import MONDAY, digest

DAY = date(2026, 3, 2)
"""The Vietnam day of MONDAY."""


def on(days: int) -> datetime:
    """MONDAY and so many days."""
    return MONDAY + timedelta(days=days)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One document of a register; `files` are file names, `contents` what hashes are of."""

    number: str | None = "12"
    notation: str | None = "UBND-VP"
    day: date = DAY
    agency: str = "so-mot"
    direction: str = "out"
    ordinal: int = 1
    role: DocumentRole = DocumentRole.MAIN
    paper: str | None = None
    secret: bool = False
    document_type: str | None = None
    files: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    issued_on: date | None = None


async def enter(database: Database, *entries: Entry) -> list[int]:
    """Write entries and say that their days are due; gives their ids."""
    ids = []
    async with database.connection() as connection:
        for each in entries:
            agency = await connection.fetchval(
                "INSERT INTO agency (code, name) VALUES ($1, 'Cơ quan ' || $1) "
                "ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING agency_id",
                each.agency,
            )
            number = read_number(each.number, each.notation)
            ids.append(
                await connection.fetchval(
                    "INSERT INTO register_entry (agency_id, direction, year, number_key, ordinal, "
                    "day, number, notation, issued_on, role, paper, secret, document_type, "
                    "file_names, file_hashes, digest, first_run_id, run_id) VALUES ($1, $2, $3, "
                    "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', 1, 1) "
                    "RETURNING entry_id",
                    agency, each.direction, each.day.year, number.key, each.ordinal, each.day,
                    number.text, number.notation,
                    each.day if each.direction == "out" else each.issued_on, each.role.value,
                    each.paper, each.secret, each.document_type, list(each.files),
                    [bytes.fromhex(digest(content)) for content in each.contents],
                )
            )  # fmt: skip
    await due(database, *ids)
    return ids


async def due(database: Database, *entry_ids: int) -> None:
    """Say as an import does that these entries are to be matched."""
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO register_match_due (agency_id, day) SELECT agency_id, day "
            "FROM register_entry WHERE entry_id = ANY ($1::bigint[])",
            list(entry_ids),
        )


async def correct(database: Database, entry_id: int, **values: object) -> None:
    """Change an entry as a corrected register does; its old and new day are due."""
    await due(database, entry_id)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO register_entry_past SELECT e.*, 2 FROM register_entry e "
            "WHERE entry_id = $1",
            entry_id,
        )
        for name, value in values.items():
            await connection.execute(
                f"UPDATE register_entry SET {name} = $2 WHERE entry_id = $1",
                entry_id,
                value,
            )
    await due(database, entry_id)


async def met(database: Database) -> set[tuple[int, str, str, str]]:
    """(entry, channel, content's first digits, how) of all links."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT f.entry_id, d.channel, encode(d.content_hash, 'hex') AS content, f.how "
            "FROM register_file f JOIN document d USING (document_uid)"
        )
    return {(row["entry_id"], row["channel"], row["content"][:8], row["how"]) for row in rows}


def content(text: str) -> str:
    """How `met` names a content."""
    return digest(text)[:8]


async def matched(database: Database) -> Matched:
    """Match what is due; nothing is left, and once more changes nothing."""
    done = await match(database)
    assert await match(database) == Matched()
    return done


async def changed_days(database: Database) -> set[date]:
    """Days whose figures are due since this was asked last."""
    async with database.connection() as connection:
        rows = await connection.fetch("DELETE FROM changed_day RETURNING day")
    return {row["day"] for row in rows}


async def roles(database: Database) -> dict[str, tuple[str, str | None]]:
    """Role of each document by its file name, and who says so."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT file_name, role, role_by FROM document")
    return {row["file_name"]: (row["role"], row["role_by"]) for row in rows}
