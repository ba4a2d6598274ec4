"""`congvu viewer` and what the doctor says of Grafana's role, on a real embedded server."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from monitor.commands import viewer as commands
from monitor.commands.doctor_viewer import seen_by_grafana
from monitor.commands.observation import Observation
from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode, viewer
from monitor.settings import DatabaseSettings, Settings, ViewerSettings
from tests.support.database import open_folder

DSN = "postgresql://congvu:secret@db.tinh.example:6432/so%2Dlieu?sslmode=verify-full"


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    folder = open_folder("congvu-viewer-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    yield Settings(state_dir=folder, viewer=ViewerSettings(enabled=True, port=port))
    shutil.rmtree(folder)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(settings.state_dir, Observer(), viewer_settings=settings.viewer)
    async with made as running:
        opened = await Database.open(running.dsn, Mode.REAL, DatabaseSettings(), Observer())
        await opened.close()
        yield running


def elsewhere() -> Settings:
    return Settings(database=DatabaseSettings(dsn=SecretStr(DSN)))


async def examined(settings: Settings) -> Observation:
    (found,) = await asyncio.to_thread(lambda: list(seen_by_grafana(settings)))
    return found


async def test_a_new_password_is_in_force_at_once_and_ends_who_had_the_old_one(
    server: EmbeddedPostgres, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = viewer.password_file(settings.state_dir)
    old = viewer.read_password(path) or ""
    held = await viewer.session(settings.viewer.port, "congvu", old)
    capsys.readouterr()
    assert await asyncio.to_thread(commands.password, True, settings) == 0
    printed = capsys.readouterr().out.strip()
    assert printed == viewer.read_password(path) != old
    # The last where the end comes in the middle of the question.
    ended = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
    with pytest.raises(ended):
        await held.fetchval("SELECT 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await viewer.session(settings.viewer.port, "congvu", old)
    await (await viewer.session(settings.viewer.port, "congvu", printed)).close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_password_made_while_nothing_runs_is_that_of_the_next_start(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.password(True, settings)
    made = capsys.readouterr().out.strip()

    async def start() -> None:
        server = EmbeddedPostgres(settings.state_dir, Observer(), viewer_settings=settings.viewer)
        async with server:
            await (await viewer.session(settings.viewer.port, "congvu", made)).close()

    asyncio.run(start())


async def test_show_says_what_grafana_asks_for_and_where_the_password_lies_but_not_it(
    server: EmbeddedPostgres, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    commands.show(False, settings)
    said = capsys.readouterr().out
    assert f"127.0.0.1:{settings.viewer.port}" in said
    path = viewer.password_file(settings.state_dir)
    assert str(path) in said
    assert (viewer.read_password(path) or "") not in said


def test_show_of_another_server_names_it_without_its_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands.show(True, elsewhere())
    said = capsys.readouterr().out
    assert json.loads(said) == {
        "host": "db.tinh.example", "port": 6432, "database": "so-lieu", "user": "congvu_viewer",
        "password_file": None, "tls": "verify-full",
    }  # fmt: skip


def test_where_grafana_is_not_let_in_show_says_what_to_set() -> None:
    with pytest.raises(UserError, match=r"viewer\.enabled"):
        commands.show(False, Settings(state_dir=Path("nowhere")))


def test_the_password_of_another_server_is_its_administrators() -> None:
    with pytest.raises(UserError, match="administrator"):
        commands.password(True, elsewhere())


async def test_the_doctor_tries_the_role_itself(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    found = await examined(settings)
    assert found.mark == "ok", found
    assert f"127.0.0.1:{settings.viewer.port}" in found.seen


async def test_the_doctor_sees_a_role_that_may_read_too_much(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    admin = await asyncpg.connect(server.admin_dsn, database="congvu")
    await admin.execute("GRANT SELECT ON public.message TO congvu_viewer")
    try:
        assert (await examined(settings)).mark == "bad"
    finally:
        await admin.execute("REVOKE ALL ON public.message FROM congvu_viewer")
        await admin.close()
    assert (await examined(settings)).mark == "ok"


async def test_the_doctor_says_that_nothing_listens(settings: Settings) -> None:
    found = await examined(settings)
    assert (found.mark, "does not get in" in found.seen) == ("bad", True)


def test_where_it_is_not_wanted_the_doctor_says_nothing() -> None:
    assert list(seen_by_grafana(Settings())) == []
    assert list(seen_by_grafana(elsewhere())) == []


def test_a_listener_for_another_server_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="congvu viewer sql"):
        Settings(database=DatabaseSettings(dsn=SecretStr(DSN)), viewer=ViewerSettings(enabled=True))
