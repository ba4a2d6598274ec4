"""Grafana's role on a real embedded server: in over the loopback, to views of counts alone."""

import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from monitor.commands.viewer import print_sql
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode, viewer
from monitor.record.connection import Connection
from monitor.settings import DatabaseSettings, Settings, ViewerSettings
from tests.support.database import Server, open_folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    folder = open_folder("congvu-viewer-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def settings() -> ViewerSettings:
    return ViewerSettings(enabled=True, port=free_port())


def embedded(state: Path, settings: ViewerSettings | None) -> EmbeddedPostgres:
    return EmbeddedPostgres(state, Observer(), viewer_settings=settings)


@pytest.fixture
async def server(state: Path, settings: ViewerSettings) -> AsyncIterator[EmbeddedPostgres]:
    """Running, migrated."""
    async with embedded(state, settings) as running:
        opened = await Database.open(running.dsn, Mode.REAL, DatabaseSettings(), Observer())
        try:
            yield running
        finally:
            await opened.close()


def password(state: Path) -> str:
    return viewer.read_password(viewer.password_file(state)) or ""


@pytest.fixture
async def session(
    server: EmbeddedPostgres, state: Path, settings: ViewerSettings
) -> AsyncIterator[Connection]:
    """As Grafana has it."""
    connection = await viewer.session(settings.port, "congvu", password(state))
    yield connection
    await connection.close()


async def test_it_reads_the_views_with_the_password_of_its_file(
    session: Connection, state: Path
) -> None:
    assert await session.fetchval("SELECT current_user") == "congvu_viewer"
    assert await session.fetchval("SELECT count(*) FROM grafana.figure") == 0
    assert viewer.password_file(state).stat().st_mode & 0o077 == 0


async def test_a_wrong_password_does_not_get_in(
    server: EmbeddedPostgres, settings: ViewerSettings
) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await viewer.session(settings.port, "congvu", "wrong")


@pytest.mark.parametrize("role", ["congvu", "postgres"])
async def test_no_other_role_gets_in_over_the_listener(
    server: EmbeddedPostgres, settings: ViewerSettings, role: str
) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="rejects"):
        await asyncpg.connect(
            host="127.0.0.1", port=settings.port, user=role, database="congvu",
            password=server.place.password(role), ssl=False,
        )  # fmt: skip


async def test_it_gets_into_no_other_database(
    server: EmbeddedPostgres, state: Path, settings: ViewerSettings
) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="rejects"):
        await viewer.session(settings.port, "postgres", password(state))


async def test_the_listener_is_on_the_loopback_alone(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        assert await connection.fetchval("SHOW listen_addresses") == "127.0.0.1"
        hosts = await connection.fetch(
            "SELECT database, user_name, address, netmask, auth_method FROM pg_hba_file_rules"
            " WHERE type LIKE 'host%' AND auth_method <> 'reject'"
        )
    finally:
        await connection.close()
    assert [tuple(row) for row in hosts] == [
        (["congvu"], ["congvu_viewer"], "127.0.0.1", "255.255.255.255", "scram-sha-256")
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.message",
        "SELECT * FROM public.person",
        "SELECT public.vietnam_day(now())",
        "CREATE TABLE grafana.mine (n integer)",
        "CREATE TABLE public.mine (n integer)",
        "CREATE TEMPORARY TABLE mine (n integer)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION grafana.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "INSERT INTO grafana.sampling_rate VALUES ('x', now(), 0.5)",
        "DELETE FROM grafana.sampling_rate",
        "UPDATE grafana.drop_acknowledged SET code = ''",
        "SELECT lo_create(0)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY grafana.figure TO PROGRAM 'cat'",
        "SET ROLE congvu",
        "SELECT rolpassword FROM pg_authid",
        "ALTER ROLE congvu_viewer CONNECTION LIMIT 100",
    ],
)
async def test_it_can_do_nothing_but_read_views_even_where_it_asks_to_write(
    session: Connection, statement: str
) -> None:
    await session.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await session.execute(statement)


async def test_it_begins_read_only(session: Connection) -> None:
    assert await session.fetchval("SHOW default_transaction_read_only") == "on"
    assert await session.fetchval("SHOW timezone") == "Asia/Ho_Chi_Minh"


async def test_what_it_changed_of_itself_ends_with_the_next_start(
    state: Path, settings: ViewerSettings
) -> None:
    async with embedded(state, settings):
        connection = await viewer.session(settings.port, "congvu", password(state))
        await connection.execute("SET default_transaction_read_only = off")
        for whose in ("", " IN DATABASE congvu"):
            await connection.execute(f"ALTER ROLE congvu_viewer{whose} SET statement_timeout = '0'")
            await connection.execute(f"ALTER ROLE congvu_viewer{whose} SET work_mem = '1GB'")
        await connection.execute("ALTER ROLE congvu_viewer PASSWORD 'other'")
        await connection.close()
    async with embedded(state, settings):
        connection = await viewer.session(settings.port, "congvu", password(state))
        assert await connection.fetchval("SHOW statement_timeout") == "30s"
        assert await connection.fetchval("SHOW work_mem") == "16MB"
        await connection.close()


async def test_a_statement_that_lasts_is_ended(session: Connection) -> None:
    assert await session.fetchval("SHOW statement_timeout") == "30s"
    await session.execute("SET statement_timeout = '50ms'")
    with pytest.raises(asyncpg.QueryCanceledError, match="statement timeout"):
        await session.fetchval("SELECT pg_sleep(60)")


async def test_more_sessions_than_its_share_are_refused(
    server: EmbeddedPostgres, state: Path, settings: ViewerSettings
) -> None:
    held = [
        await viewer.session(settings.port, "congvu", password(state))
        for _ in range(viewer.CONNECTIONS)
    ]
    try:
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await viewer.session(settings.port, "congvu", password(state))
    finally:
        for each in held:
            await each.close()


async def test_the_product_still_works_beside_it(server: EmbeddedPostgres) -> None:
    """Of what is taken from everybody it keeps its part."""
    connection = await asyncpg.connect(server.dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock(1)")
        await connection.execute("CREATE TEMPORARY TABLE mine (n integer)")
        assert await connection.fetchval("SELECT count(*) FROM message") == 0
    finally:
        await connection.close()


async def test_a_port_that_another_has_keeps_the_record_available(
    state: Path, settings: ViewerSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", settings.port))
        other.listen()
        async with embedded(state, settings) as running:
            connection = await asyncpg.connect(running.dsn)
            assert await connection.fetchval("SHOW listen_addresses") == ""
            await connection.close()
    assert "viewer_port_busy" in capsys.readouterr().out


async def test_a_daemon_that_does_not_want_it_shuts_the_role(state: Path) -> None:
    async with embedded(state, ViewerSettings()) as running:
        connection = await asyncpg.connect(running.admin_dsn)
        may = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'congvu_viewer'"
        assert await connection.fetchval(may) is False
        assert await connection.fetchval("SHOW listen_addresses") == ""
        await connection.close()


async def test_a_command_that_starts_the_server_for_a_moment_opens_no_listener(state: Path) -> None:
    async with embedded(state, None) as running:
        connection = await asyncpg.connect(running.dsn)
        assert await connection.fetchval("SHOW listen_addresses") == ""
        await connection.close()


async def test_what_sql_prints_makes_the_role_on_any_server(
    postgres_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """As an administrator would run it, in a database that congvu has migrated."""
    name = await postgres_server.create()
    dsn = postgres_server.dsn(name)
    print_sql(Settings(database=DatabaseSettings(dsn=SecretStr(dsn))))
    printed = capsys.readouterr().out
    assert "secret" not in printed
    statements = "".join(
        line for line in printed.splitlines(keepends=True) if not line.startswith("\\")
    )
    admin = await asyncpg.connect(postgres_server.admin_dsn, database=name)
    try:
        await admin.execute(statements)
        await admin.execute(statements)  # it may be run again
        await admin.execute("SET SESSION AUTHORIZATION congvu_viewer")
        assert await admin.fetchval("SELECT count(*) FROM grafana.figure") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.fetchval("SELECT count(*) FROM public.figure")
    finally:
        await admin.close()
        await postgres_server.drop(name)
