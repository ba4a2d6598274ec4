"""A real embedded PostgreSQL server for tests: one a session, fresh databases in milliseconds."""

import asyncio
import contextlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode, Recorder
from monitor.record.embedded import DATABASE, ROLE, dsn_of
from monitor.record.migrate import migrate, read
from monitor.record.place import Place
from monitor.settings import DatabaseSettings
from tests.support import prepared

TEMPLATE = "template_congvu"


def open_folder(prefix: str) -> Path:
    """A temporary folder that any account may enter: root's tests run the server as another."""
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    folder.chmod(0o711)
    return folder


class Server:
    """The session's server and how to get databases on it."""

    def __init__(self, place: Place, admin_dsn: str, state_dir: Path) -> None:
        self._place = place
        self.admin_dsn = admin_dsn
        self.state_dir = state_dir

    def dsn(self, name: str) -> str:
        return dsn_of(self._place, ROLE, name)

    async def create(self, template: str | None = TEMPLATE) -> str:
        """A new database (migrated, unless `template` is None); gives its name."""
        name = f"test_{secrets.token_hex(6)}"
        made = f"CREATE DATABASE {name} OWNER {ROLE}"
        await self._admin(made + (f" TEMPLATE {template}" if template else ""))
        return name

    async def drop(self, name: str) -> None:
        await self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.admin_dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Started once; every database on it is thrown away with it."""
    folder = open_folder("congvu-test-")
    with asyncio.Runner() as runner:
        prepared.lay(folder)
        embedded = EmbeddedPostgres(folder, Observer(), prepared.USER)
        try:
            runner.run(embedded.start())
            server = Server(embedded.place, embedded.admin_dsn, folder)
            runner.run(_make_template(server))
            yield server
        finally:
            runner.run(embedded.stop(grace_seconds=2))
            shutil.rmtree(folder)


async def _make_template(server: Server) -> None:
    # These databases are thrown away: without waiting for the disk a test takes milliseconds.
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        await server._admin(f"ALTER SYSTEM SET {name} = off")
    await server._admin("SELECT pg_reload_conf()")
    await server._admin(f"CREATE DATABASE {TEMPLATE} OWNER {ROLE} TEMPLATE {DATABASE}")


async def open_database(dsn: str, mode: Mode = Mode.REAL) -> Database:
    return await Database.open(dsn, mode, DatabaseSettings(), Observer())


@contextlib.asynccontextmanager
async def fresh_database(server: Server) -> AsyncIterator[Database]:
    """A migrated, empty database, dropped at the end."""
    name = await server.create()
    database = await open_database(server.dsn(name))
    try:
        yield database
    finally:
        await database.close()
        await server.drop(name)


@pytest.fixture
async def database(postgres_server: Server) -> AsyncIterator[Database]:
    """A migrated, empty database of mode real."""
    async with fresh_database(postgres_server) as made:
        yield made


@pytest.fixture
def recorder(database: Database, postgres_server: Server) -> Recorder:
    """A recorder on `database`."""
    return Recorder(database, postgres_server.state_dir)


@contextlib.asynccontextmanager
async def upgraded_from(server: Server, schema: int, recorded: Path) -> AsyncIterator[Database]:
    """A database that the version with an earlier schema has filled, then migrated."""
    name = await server.create(template=None)
    connection = await asyncpg.connect(server.dsn(name))
    await migrate(connection, Observer(), read()[:schema])
    await connection.execute(recorded.read_text(encoding="utf-8"))
    await connection.close()
    database = await open_database(server.dsn(name))
    try:
        yield database
    finally:
        await database.close()
        await server.drop(name)
