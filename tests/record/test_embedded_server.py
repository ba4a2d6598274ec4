"""The embedded server as a child of the daemon: starts, survives, and never outlives it."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode, place, programs, running_dsn
from monitor.record.account import Account, choose
from monitor.record.process import servers_of
from monitor.settings import DatabaseSettings
from tests.support.database import open_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


@pytest.fixture
def bare() -> Iterator[Path]:
    """A state directory that nothing was made in."""
    folder = open_folder("congvu-embedded-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    folder = open_folder("congvu-embedded-")

    async def use() -> None:
        async with EmbeddedPostgres(folder, Observer()):
            pass

    asyncio.run(use())
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def state(used: Path, bare: Path) -> Path:
    """A state directory whose server has run before: much quicker to start."""
    subprocess.run(["cp", "-a", used / "postgres", bare], check=True)
    return bare


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_start_makes_a_server_and_a_stop_ends_it(bare: Path) -> None:
    async with EmbeddedPostgres(bare, Observer()) as server:
        assert running_dsn(bare) == server.dsn
        assert await ask(server.dsn, "SELECT current_user") == "congvu"
        data = server.place.data
    assert running_dsn(bare) is None
    assert servers_of(data) == []


async def test_what_was_written_is_there_after_the_next_start(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS n")
    async with EmbeddedPostgres(state, Observer()) as server:
        assert await ask(server.dsn, "SELECT n FROM kept") == 42


async def test_the_server_listens_on_a_closed_folder_only_and_trusts_nobody(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        assert await ask(server.dsn, "SHOW listen_addresses") == ""
        assert server.place.socket.stat().st_mode & 0o077 == 0
        assert server.place.data.stat().st_mode & 0o077 == 0
        for name in ("password-congvu", "password-postgres"):
            assert (server.place.home / name).stat().st_mode & 0o077 == 0
        rules = (server.place.data / "pg_hba.conf").read_text()
        assert "trust" not in rules
        wrong = server.dsn.replace(server.place.password("congvu"), "wrong")
        with pytest.raises(UserError, match="refuses this user or password"):
            await Database.open(wrong, Mode.REAL, DatabaseSettings(), Observer())


async def test_the_products_role_is_no_superuser(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        assert await ask(server.dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = user") is False


async def test_commits_are_durable(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert await ask(server.dsn, f"SHOW {name}") == "on"


async def test_a_killed_server_is_started_again_with_what_was_committed(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server, asyncio.TaskGroup() as group:
        watching = group.create_task(server.run())
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS n")
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        answer: object = None
        while answer is None:
            with contextlib.suppress(asyncpg.PostgresError, OSError):
                answer = await ask(server.dsn, "SELECT n FROM kept")
            await asyncio.sleep(0.05)
        assert answer == 42
        assert server.pid != first
        watching.cancel()


DAEMON = """
import asyncio, sys
from pathlib import Path
from monitor.observe import Observer
from monitor.record import EmbeddedPostgres

async def main():
    async with EmbeddedPostgres(Path(sys.argv[1]), Observer()) as server:
        print(server.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def start_daemon(state: Path) -> tuple[subprocess.Popen[str], int]:
    daemon = subprocess.Popen(
        [sys.executable, "-c", DAEMON, str(state)], stdout=subprocess.PIPE, text=True
    )
    assert daemon.stdout
    for line in daemon.stdout:
        if line.strip().isdigit():
            return daemon, int(line)
    raise AssertionError("the daemon did not start")


def test_a_killed_daemon_takes_its_server_with_it(state: Path) -> None:
    daemon, _ = start_daemon(state)
    data = place.Place(state / "postgres").data
    assert servers_of(data)
    daemon.kill()
    daemon.wait()
    wait_for(lambda: not servers_of(data))


async def test_an_orphaned_server_is_stopped_before_the_next_one_starts(state: Path) -> None:
    daemon, pid = start_daemon(state)
    os.kill(pid, signal.SIGSTOP)  # deaf to the death signal, as one in the middle of recovery is
    daemon.kill()
    daemon.wait()
    asyncio.get_running_loop().call_later(1.0, os.kill, pid, signal.SIGCONT)
    async with EmbeddedPostgres(state, Observer()) as server:
        assert server.pid != pid
        assert await ask(server.dsn, "SELECT 1") == 1
        assert pid not in servers_of(server.place.data)


async def test_a_lock_file_with_a_reused_pid_does_not_hinder_a_start(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        lock = server.place.data / "postmaster.pid"
        left = lock.read_text()
        socket_lock = server.place.socket / ".s.PGSQL.5432.lock"
        left_socket = socket_lock.read_text()
    for path, text in ((lock, left), (socket_lock, left_socket)):
        path.write_text(text.replace(text.split("\n", 1)[0], str(os.getpid()), 1))
        os.chown(path, lock.parent.stat().st_uid, lock.parent.stat().st_gid)
    assert running_dsn(state) is None
    async with EmbeddedPostgres(state, Observer()) as server:
        assert await ask(server.dsn, "SELECT 1") == 1


async def test_two_daemons_never_share_a_state_directory(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as first:
        with pytest.raises(UserError, match="another congvu uses this state directory"):
            await EmbeddedPostgres(state, Observer()).start()
        assert await ask(first.dsn, "SELECT 1") == 1


async def test_a_start_that_was_cut_off_is_made_good_by_the_next(bare: Path) -> None:
    account = choose(None)
    home = place.make(bare, account).home
    (home / "data.new-dead").mkdir()
    (home / "data.new-dead" / "half").write_text("…")
    async with EmbeddedPostgres(bare, Observer()) as server:
        assert await ask(server.dsn, "SELECT 1") == 1
    assert not list(home.glob("data.new-*"))


async def test_a_long_state_path_gets_a_short_socket(state: Path) -> None:
    deep = state / ("d" * 90)
    deep.mkdir(mode=0o711)
    async with EmbeddedPostgres(deep, Observer()) as server:
        assert await ask(server.dsn, "SELECT 1") == 1
        folder = server.place.socket
    assert len(str(folder)) < 80
    folder.rmdir()


def test_a_server_is_only_started_from_the_main_thread(state: Path) -> None:
    async def start() -> None:
        await EmbeddedPostgres(state, Observer()).start()

    async def elsewhere() -> None:
        with pytest.raises(RuntimeError, match="main thread"):
            await asyncio.to_thread(asyncio.run, start())

    asyncio.run(elsewhere())


async def test_log_files_are_bounded_in_number(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        where = server.place
    for number in range(9):
        (where.log / f"postgres-2020010{number}-000000.log").write_text("old")
    async with EmbeddedPostgres(state, Observer()):
        assert len(list(where.log.iterdir())) <= 6


# -- as root ----------------------------------------------------------------------------------


@as_root
async def test_root_gives_the_server_to_an_unprivileged_account(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer()) as server:
        assert server.pid is not None
        status = Path(f"/proc/{server.pid}/status").read_text()
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        groups = next(line for line in status.splitlines() if line.startswith("Groups:"))
    assert "0" not in uids
    assert groups.split()[1:] == []


@as_root
async def test_below_a_closed_folder_the_server_lives_elsewhere_and_is_found_again(
    state: Path,
) -> None:
    """A checkout in root's home, which nobody else may enter."""
    closed, elsewhere = state / "root", state / "lib"
    closed.mkdir(mode=0o700)
    elsewhere.mkdir(mode=0o755)
    async with EmbeddedPostgres(closed / "var", Observer(), elsewhere=elsewhere) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS n")
        assert server.place.home.parent == elsewhere
    assert closed.stat().st_mode & 0o777 == 0o700
    async with EmbeddedPostgres(closed / "var", Observer(), elsewhere=elsewhere) as server:
        assert await ask(server.dsn, "SELECT n FROM kept") == 42
    assert len([each for each in elsewhere.iterdir() if "postgres" in each.name]) == 1


@as_root
def test_programs_that_the_account_cannot_reach_are_copied_once(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, elsewhere = state / "root", state / "lib"
    closed.mkdir(mode=0o700)
    elsewhere.mkdir(mode=0o755)
    package = programs._package()
    shutil.copytree(package, closed / package.name, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    monkeypatch.setattr(programs, "_package", lambda: closed / package.name)

    async def use() -> None:
        async with EmbeddedPostgres(closed / "var", Observer(), elsewhere=elsewhere) as server:
            assert await ask(server.dsn, "SELECT 1") == 1

    asyncio.run(use())
    (copy,) = [each for each in elsewhere.iterdir() if "programs" in each.name]
    made = copy.stat().st_mtime_ns
    assert copy.stat().st_uid == 0
    asyncio.run(use())
    assert copy.stat().st_mtime_ns == made


@as_root
def test_root_is_no_account_for_the_server_and_a_missing_one_is_named() -> None:
    with pytest.raises(UserError, match="root is root"):
        choose("root")
    missing = f"nobody-{secrets.token_hex(4)}"
    with pytest.raises(UserError, match=missing):
        choose(missing)


@as_root
def test_a_folder_of_another_account_is_refused_in_words(state: Path) -> None:
    other = Account("daemon", 1, 1, switch=True)
    place.make(state, choose(None))
    with pytest.raises(UserError, match="is not a folder of account daemon"):
        place.make(state, other)


# -- when the programs cannot run ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\necho 'error while loading shared libraries: libz.so.1' >&2; exit 127", "libz"),
        ("#!/nonexistent/interpreter\n", "cannot run here"),
    ],
)
async def test_programs_that_cannot_run_are_explained_with_the_way_out(
    state: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    folder = state / "package" / "pginstall" / "bin"
    folder.mkdir(parents=True)
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    for name in ("initdb", "postgres"):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setattr(programs, "_package", lambda: state / "package")
    with pytest.raises(UserError, match=words) as raised:
        await EmbeddedPostgres(state / "var", Observer()).start()
    assert "set database.dsn" in str(raised.value)


async def test_a_server_that_cannot_start_again_is_tried_until_it_can(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with EmbeddedPostgres(state, Observer()) as server, asyncio.TaskGroup() as group:
        watching = group.create_task(server.run())
        control = server.place.data / "global" / "pg_control"
        control.rename(control.with_name("away"))
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        while "embedded_start_failed" not in capsys.readouterr().out:
            await asyncio.sleep(0.05)
        control.with_name("away").rename(control)
        answer: object = None
        while answer is None:
            with contextlib.suppress(asyncpg.PostgresError, OSError):
                answer = await ask(server.dsn, "SELECT 1")
            await asyncio.sleep(0.05)
        watching.cancel()
