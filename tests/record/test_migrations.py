"""Migrations are applied once, in order, under a lock, and never changed afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import Database, Mode
from monitor.record.connection import Connection
from monitor.record.migrate import Migration, migrate, read, require_current
from monitor.settings import DatabaseSettings
from tests.support.database import Server, open_database

FIRST = Migration(1, "first", "CREATE TABLE one (n integer); INSERT INTO one VALUES (1)")
SECOND = Migration(2, "second", "ALTER TABLE one ADD COLUMN m integer")
BROKEN = Migration(2, "broken", "INSERT INTO one VALUES (2); SELECT 1 / 0")


@pytest.fixture
async def empty(postgres_server: Server) -> AsyncIterator[str]:
    name = await postgres_server.create(template=None)
    yield postgres_server.dsn(name)
    await postgres_server.drop(name)


@pytest.fixture
async def connection(empty: str) -> AsyncIterator[Connection]:
    made = await asyncpg.connect(empty)
    yield made
    await made.close()


async def test_files_are_applied_in_order_and_once(connection: Connection) -> None:
    assert await migrate(connection, Observer(), [FIRST]) == 1
    assert await migrate(connection, Observer(), [FIRST, SECOND]) == 2
    assert await migrate(connection, Observer(), [FIRST, SECOND]) == 2
    rows = await connection.fetch("SELECT n, m FROM one")
    assert [tuple(row) for row in rows] == [(1, None)]


async def test_a_changed_file_is_refused(connection: Connection) -> None:
    await migrate(connection, Observer(), [FIRST])
    changed = Migration(1, "first", FIRST.text + " ")
    with pytest.raises(UserError, match="migration 0001_first in the database is not the file"):
        await migrate(connection, Observer(), [changed, SECOND])
    assert await connection.fetchval("SELECT count(*) FROM schema_migration") == 1


async def test_a_database_of_a_newer_version_is_refused_in_words(connection: Connection) -> None:
    await migrate(connection, Observer(), [FIRST, SECOND])
    with pytest.raises(UserError, match="has schema 2 and this congvu knows 1: a newer congvu"):
        await migrate(connection, Observer(), [FIRST])


async def test_a_migration_that_fails_leaves_nothing_behind(connection: Connection) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, Observer(), [FIRST, BROKEN])
    assert await connection.fetchval("SELECT count(*) FROM one") == 1
    assert await migrate(connection, Observer(), [FIRST, SECOND]) == 2


async def test_a_migration_may_take_longer_than_other_commands(empty: str) -> None:
    slow = Migration(2, "slow", "SELECT pg_sleep(1.5)")
    hurried = await asyncpg.connect(empty, command_timeout=1)
    try:
        assert await migrate(hurried, Observer(), [FIRST, slow]) == 2
    finally:
        await hurried.close()


async def test_several_nodes_that_start_at_once_migrate_once(empty: str) -> None:
    opened = await asyncio.gather(*(open_database(empty) for _ in range(4)))
    async with opened[0].connection() as connection:
        applied = await connection.fetchval("SELECT count(*) FROM schema_migration")
    for database in opened:
        await database.close()
    assert applied == len(read())


def test_numbers_without_gap_and_names_are_demanded(tmp_path: Path) -> None:
    (tmp_path / "0001_one.sql").write_text("SELECT 1")
    (tmp_path / "0003_three.sql").write_text("SELECT 3")
    with pytest.raises(ValueError, match="gap"):
        read(tmp_path)
    (tmp_path / "0003_three.sql").rename(tmp_path / "third.sql")
    with pytest.raises(ValueError, match=r"third\.sql"):
        read(tmp_path)


async def test_a_reader_changes_nothing_and_says_when_a_migration_is_due(
    empty: str, connection: Connection
) -> None:
    with pytest.raises(UserError, match="start `congvu run` once"):
        await require_current(connection)
    with pytest.raises(UserError, match="start `congvu run` once"):
        await Database.attach(empty, DatabaseSettings(), Observer())
    assert (
        await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname='public'") == 0
    )


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (Mode.DEMO, Mode.REAL, "the database holds demo data"),
        (Mode.REAL, Mode.DEMO, "the database holds real data"),
    ],
)
async def test_a_database_keeps_its_mode(empty: str, first: Mode, second: Mode, words: str) -> None:
    await (await open_database(empty, first)).close()
    await (await open_database(empty, first)).close()
    with pytest.raises(UserError, match=words):
        await open_database(empty, second)
    reader = await Database.attach(empty, DatabaseSettings(), Observer())
    assert reader.mode is first
    await reader.close()


async def test_a_role_that_does_not_own_the_database_is_told_what_it_lacks(
    postgres_server: Server,
) -> None:
    name = await postgres_server.create(template=None)
    admin = await asyncpg.connect(postgres_server.admin_dsn, database=name)
    try:
        await admin.execute(f"ALTER DATABASE {name} OWNER TO postgres")
        await admin.execute("GRANT CREATE, USAGE ON SCHEMA public TO congvu")
        connection = await asyncpg.connect(postgres_server.dsn(name))
        with pytest.raises(UserError, match="CREATE SCHEMA grafana AUTHORIZATION"):
            await migrate(connection, Observer())
        await admin.execute("CREATE SCHEMA grafana AUTHORIZATION congvu")
        assert await migrate(connection, Observer()) == len(read())
        await connection.close()
    finally:
        await admin.close()
        await postgres_server.drop(name)
