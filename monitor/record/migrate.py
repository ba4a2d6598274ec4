"""Migrations: numbered SQL files, applied once, in order, under a lock, and never changed after."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record.connection import Connection
from monitor.record.events import MigrationApplied

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x636F6E67_7675  # "congvu": one migrating process a database
LONGEST_SECONDS = 4 * 3600.0
"""Of one file: one that is cut off, as other commands are, would begin anew and never end."""
NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read(folder: Path = FOLDER) -> list[Migration]:
    """Migrations of a folder in order; numbers start at 1 and leave no gap."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = NAME.match(path.name)
        if not match:
            raise ValueError(f"{path.name}: a migration is named 0001_words.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{folder}: migration numbers have a gap or a double")
    return found


async def migrate(
    connection: Connection, observer: Observer, migrations: Sequence[Migration] | None = None
) -> int:
    """Bring the schema up to date; gives its number.

    Every file runs in a transaction of its own together with its entry in `schema_migration`.
    Raises UserError for a database that a newer congvu made or whose applied files differ.
    """
    wanted = read() if migrations is None else list(migrations)
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration (number integer PRIMARY KEY,"
            " name text NOT NULL, checksum text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = await _applied(connection)
        _check(applied, wanted)
        for migration in wanted[len(applied) :]:
            await _apply(connection, migration)
            observer.emit(MigrationApplied(migration.number, migration.name))
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
    return len(wanted)


async def require_current(connection: Connection) -> None:
    """Raise UserError unless every migration of this congvu is applied, and no other."""
    known = await connection.fetchval("SELECT to_regclass('schema_migration') IS NOT NULL")
    applied = await _applied(connection) if known else []
    wanted = read()
    _check(applied, wanted)
    if len(applied) < len(wanted):
        raise UserError(
            f"the database has schema {len(applied)}, this congvu needs {len(wanted)}: start "
            "`congvu run` once, it migrates the database"
        )


async def _applied(connection: Connection) -> list[tuple[int, str, str]]:
    rows = await connection.fetch(
        "SELECT number, name, checksum FROM schema_migration ORDER BY number"
    )
    return [(row["number"], row["name"], row["checksum"]) for row in rows]


def _check(applied: Sequence[tuple[int, str, str]], wanted: Sequence[Migration]) -> None:
    if len(applied) > len(wanted):
        raise UserError(
            f"the database has schema {len(applied)} and this congvu knows {len(wanted)}: a newer "
            "congvu has used it; install that version (or a newer one), or restore an older backup"
        )
    for (number, name, checksum), migration in zip(applied, wanted, strict=False):
        if number != migration.number or checksum != migration.checksum:
            raise UserError(
                f"migration {number:04}_{name} in the database is not the file of this congvu: "
                "the installation was changed; install an unchanged release"
            )


async def _apply(connection: Connection, migration: Migration) -> None:
    try:
        await _run(connection, migration)
    except asyncpg.InsufficientPrivilegeError as error:
        raise UserError(
            f"database.dsn: this role may not make what congvu needs ({error}): let it own the "
            "database (ALTER DATABASE … OWNER TO …), or have its superuser run CREATE SCHEMA "
            "grafana AUTHORIZATION and the role's name"
        ) from None


async def _run(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.text, timeout=LONGEST_SECONDS)
        await connection.execute(
            "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )
