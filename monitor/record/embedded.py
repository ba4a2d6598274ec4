"""The supervisor of the embedded PostgreSQL server.

initdb and postgres are direct children of the main thread and die with it; one daemon holds one
data directory by a file lock, so any server still on it is an orphan and is stopped first.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg

from monitor.errors import DatabaseUnavailable, TemporaryError, UserError
from monitor.observe import Observer
from monitor.record import account as accounts
from monitor.record import place as places
from monitor.record import programs, viewer
from monitor.record.configuration import pg_hba, postgresql_conf, prune_logs
from monitor.record.events import (
    EmbeddedExited,
    EmbeddedOrphanStopped,
    EmbeddedPlacedElsewhere,
    EmbeddedStarted,
    EmbeddedStartFailed,
    EmbeddedStopped,
    ViewerPortBusy,
)
from monitor.record.place import PORT, Place
from monitor.record.process import POLL_SECONDS, lock_holder, servers_of, spawn, stop_all
from monitor.settings import ViewerSettings
from monitor.whole_file import sync_folder

ROLE, ADMIN, DATABASE = "congvu", "postgres", "congvu"
START_SECONDS = 120.0
"""Crash recovery replays at most max_wal_size, a minute or so on a slow disk."""
RESTART_WINDOW_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 1.0


class EmbeddedPostgres:
    """One embedded server for one state directory. Use from the main thread's event loop."""

    def __init__(
        self,
        state_dir: Path,
        observer: Observer,
        user: str | None = None,
        elsewhere: Path = places.ELSEWHERE,
        viewer_settings: ViewerSettings | None = None,
    ) -> None:
        """`viewer_settings`: make Grafana's role or shut it; None leaves it, and nobody listens."""
        self._state_dir = state_dir
        self._observer = observer
        self._elsewhere = elsewhere
        self._viewer = viewer_settings
        self._account = accounts.choose(user)
        self._place: Place | None = None
        self._programs: programs.Programs | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._stopping = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def place(self) -> Place:
        if self._place is None:
            raise RuntimeError("the embedded server was not started")
        return self._place

    @property
    def pid(self) -> int | None:
        """PID of the postmaster while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def dsn(self) -> str:
        """Connection string of the product's own role; holds a password, never log it."""
        return dsn_of(self.place, ROLE, DATABASE)

    @property
    def admin_dsn(self) -> str:
        """Connection string of the superuser, for maintenance and tests."""
        return dsn_of(self.place, ADMIN, "postgres")

    async def start(self) -> None:
        """Make the data directory if need be and start the server; ready on return.

        Raises UserError when this machine or state directory cannot hold it, DatabaseUnavailable
        when it does not come up.
        """
        begun = time.monotonic()
        self._stopping = False
        await self._prepare()
        created = not self.place.data.exists()
        try:
            if created:
                await self._initialise()
            await self._launch()
            if created or not (self.place.home / "ready").exists():
                await self._create_database()
            await self._set_viewer()
        except BaseException:
            await self.stop()
            raise
        self._observer.emit(
            EmbeddedStarted(self.pid or 0, round(time.monotonic() - begun, 3), created)
        )

    async def run(self) -> None:
        """Watch the server until `stop`; start it again, however often it ends.

        It never gives up: while the server is away intake goes on and the spool keeps the items.
        """
        ended: list[float] = []
        while not self._stopping:
            process = self._process
            status = process.poll() if process else None
            if process is None or status is None:
                await asyncio.sleep(0.1)
                continue
            self._observer.emit(EmbeddedExited(process.pid, status))
            now = time.monotonic()
            ended = [at for at in ended if now - at < RESTART_WINDOW_SECONDS] + [now]
            await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, 0.2 * 2 ** len(ended)))
            if not self._stopping:
                await self._start_again()

    async def _start_again(self) -> None:
        """A start that fails is seen by `run` as one more end of the server."""
        try:
            await asyncio.to_thread(self._clear_leftovers)
            if not self._stopping:
                await self._launch()
        except (TemporaryError, OSError) as error:
            self._observer.emit(EmbeddedStartFailed(str(error)))

    async def stop(self, grace_seconds: float = 15.0) -> None:
        """Stop the server: fast shutdown (SIGINT), past the grace immediate (SIGQUIT)."""
        self._stopping = True
        process, self._process = self._process, None
        if process and process.poll() is None:
            how = await _end(process, grace_seconds)
            self._observer.emit(EmbeddedStopped(how))
        if self._place:
            await asyncio.to_thread(stop_all, self._place.data, grace_seconds)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # -- steps of a start ---------------------------------------------------------------------

    async def _prepare(self) -> None:
        self._place = await asyncio.to_thread(
            places.make, self._state_dir, self._account, self._elsewhere
        )
        if self._place.moved:
            self._observer.emit(EmbeddedPlacedElsewhere(str(self._place.home)))
        self._programs = await asyncio.to_thread(programs.find, self._account, self._elsewhere)
        self._take_lock()
        await asyncio.to_thread(self._clear_leftovers)
        prune_logs(self._place)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        descriptor = os.open(self.place.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise UserError(
                f"{self._state_dir}: another congvu uses this state directory; stop it first, "
                "or set another state_dir"
            ) from None
        self._lock = descriptor

    def _clear_leftovers(self) -> None:
        """Stop an orphaned server, then remove lock files that nobody living holds."""
        data = self.place.data
        orphan = stop_all(data, 20.0)
        if orphan:
            self._observer.emit(EmbeddedOrphanStopped(orphan))
        # Nothing runs on this data directory and we hold the lock: a PID in there was reused.
        (data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.place.socket.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    async def _initialise(self) -> None:
        """Run initdb into a fresh folder, renamed when it is whole."""
        assert self._programs is not None  # noqa: S101 - set by _prepare
        for left in self.place.home.glob("data.new-*"):
            shutil.rmtree(left)
        for role in (ADMIN, ROLE):
            secret = secrets.token_urlsafe(32)
            places.write_private(self.place.home / f"password-{role}", secret, self._account)
        fresh = self.place.home / f"data.new-{secrets.token_hex(4)}"
        command = [
            str(self._programs.initdb),
            f"--pgdata={fresh}",
            f"--username={ADMIN}",
            f"--pwfile={self.place.home / f'password-{ADMIN}'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        ]
        with tempfile.TemporaryFile() as output:
            process = spawn(
                command, self._account, self.place.home, output.fileno(), signal.SIGKILL
            )
            status = await _exit_status(process, START_SECONDS)
            output.seek(0)
            said = output.read().decode("utf-8", "replace").strip()
        if status:
            shutil.rmtree(fresh, ignore_errors=True)
            raise UserError(
                f"{self.place.home}: the bundled PostgreSQL cannot make its data directory: "
                f"{_last_line(said)}; {programs.ADVICE}"
            )
        fresh.rename(self.place.data)
        sync_folder(self.place.home)

    async def _launch(self) -> None:
        assert self._programs is not None  # noqa: S101 - set by _prepare
        place = self.place
        port, listening = self._port()
        for name, text in (
            ("postgresql.conf", postgresql_conf(place, port, listening=listening)),
            ("pg_hba.conf", pg_hba(DATABASE, listening=listening)),
        ):
            places.write_private(place.data / name, text, self._account)
        with tempfile.TemporaryFile() as output:
            # The collector takes over once it runs; what comes before it (a library that is
            # missing, no shared memory) lands here.
            process = spawn(
                [str(self._programs.postgres), "-D", str(place.data)],
                self._account,
                place.home,
                output.fileno(),
                signal.SIGINT,
            )
            self._process = process
            try:
                await self._until_ready(process)
            except DatabaseUnavailable as error:
                output.seek(0)
                said = output.read().decode("utf-8", "replace").strip()
                raise DatabaseUnavailable(f"{error}: {_last_line(said)}") from None

    def _port(self) -> tuple[int, bool]:
        """The port, and whether to listen on it: where another has it the record is there all the
        same. It names the socket too, so that it stays the same.
        """
        wanted = self._viewer
        if wanted is None or not wanted.enabled:
            return PORT, False
        if not _is_free(wanted.port):
            self._observer.emit(ViewerPortBusy(wanted.port))
            return wanted.port, False
        return wanted.port, True

    async def _set_viewer(self) -> None:
        """Make Grafana's role, or shut it where it is not wanted."""
        if self._viewer is None:
            return
        connection = await asyncpg.connect(dsn_of(self.place, ADMIN, DATABASE), timeout=30)
        try:
            if not self._viewer.enabled:
                await viewer.lock_out(connection)
                return
            path = viewer.password_file(self._state_dir)
            password = viewer.read_password(path) or viewer.new_password(path)
            await viewer.make(connection, DATABASE, ROLE, password)
        finally:
            await connection.close()

    async def _until_ready(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                raise DatabaseUnavailable(
                    f"the embedded PostgreSQL ended with status {process.returncode} while "
                    f"starting; its log is in {self.place.log}"
                )
            if _says_ready(self.place.data, process.pid):
                return
            await asyncio.sleep(POLL_SECONDS)
        raise DatabaseUnavailable(
            f"the embedded PostgreSQL is not ready after {START_SECONDS:.0f} s; "
            f"its log is in {self.place.log}"
        )

    async def _create_database(self) -> None:
        """The product's own role, which is no superuser, and its database."""
        connection = await asyncpg.connect(self.admin_dsn, timeout=30)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
                # token_urlsafe has no character that needs quoting
                secret = self.place.password(ROLE)
                await connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{secret}'")
            exists = "SELECT 1 FROM pg_database WHERE datname = $1"
            if not await connection.fetchval(exists, DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        finally:
            await connection.close()
        places.write_private(self.place.home / "ready", "", self._account)


def dsn_of(place: Place, role: str, database: str) -> str:
    """Connection string over the socket of a place, whose server runs."""
    secret = quote(place.password(role), safe="")
    folder = quote(str(place.socket), safe="")
    return f"postgresql://{role}:{secret}@/{database}?host={folder}&port={port_of(place.data)}"


def running_dsn(state_dir: Path, role: str = ROLE) -> str | None:
    """Connection string of the server that a daemon runs on this state directory, else None."""
    place = places.known(state_dir)
    if place is None or lock_holder(place.data) not in servers_of(place.data):
        return None
    return dsn_of(place, role, DATABASE)


def port_of(data: Path) -> int:
    """Line 4 of postmaster.pid; its socket is named by it, and its listener if there is one."""
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, IndexError, ValueError):
        return PORT


def _is_free(port: int) -> bool:
    """Whether a listener of ours would get this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((viewer.HOST, port))
        except OSError:
            return False
        return True


def _says_ready(data: Path, pid: int) -> bool:
    """Line 8 of postmaster.pid is the server's status (PostgreSQL: pidfile.h)."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


async def _exit_status(process: subprocess.Popen[bytes], seconds: float) -> int:
    end = time.monotonic() + seconds
    try:
        while process.poll() is None:
            if time.monotonic() > end:
                raise TemporaryError(f"{process.args!r} does not end")
            await asyncio.sleep(POLL_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return process.returncode


async def _end(process: subprocess.Popen[bytes], grace_seconds: float) -> str:
    """Ask ever more firmly; gives the name of the signal that worked."""
    for how, seconds in ((signal.SIGINT, grace_seconds), (signal.SIGQUIT, 8.0)):
        process.send_signal(how)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if process.poll() is not None:
                return how.name
            await asyncio.sleep(POLL_SECONDS)
    process.kill()
    process.wait()
    return signal.SIGKILL.name


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    wrong = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    return (wrong or lines or ["it said nothing"])[-1].strip()
