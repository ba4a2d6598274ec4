"""Child processes of the embedded server: started from the main thread, dying with the daemon."""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from monitor.errors import TemporaryError
from monitor.record.account import Account

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02
_LIBC = ctypes.CDLL(None, use_errno=True)


def spawn(
    command: Sequence[str], account: Account, cwd: Path, output: int, death: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start `command` as `account` in a session of its own, with a clean environment.

    The kernel sends it `death` when the *thread* that started it ends (prctl(2)), so only the
    main thread may do this.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the embedded server must be started from the main thread")
    parent = os.getpid()

    def bind_to_parent() -> None:
        # Runs after the change of account, which would clear the setting again.
        _LIBC.prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    identity = account_arguments(account)
    return subprocess.Popen(  # noqa: S603 - our own programs
        list(command),
        cwd=cwd,
        env=clean_environment(cwd),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        umask=0o077,
        preexec_fn=bind_to_parent,  # noqa: PLW1509 - one system call, no lock taken
        user=identity[0],
        group=identity[1],
        extra_groups=identity[2],
    )


def account_arguments(account: Account) -> tuple[int | None, int | None, list[int] | None]:
    """(user, group, extra_groups) for subprocess: all None unless the account is another's."""
    return (account.uid, account.gid, []) if account.switch else (None, None, None)


def clean_environment(home: Path) -> dict[str, str]:
    """Nothing of the daemon's environment, least of all its secrets or PG variables."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"}


def servers_of(data: Path) -> list[int]:
    """Processes of a PostgreSQL server on this data directory: that is their working directory.

    A PID in a lock file proves nothing, it may have been reused.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            here = (entry / "cwd").readlink() == data
            if here and (entry / "comm").read_text().strip() == "postgres":
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue  # gone meanwhile, or another user's
    return found


def lock_holder(data: Path) -> int | None:
    """PID that `postmaster.pid` names, if it names one."""
    try:
        first = (data / "postmaster.pid").read_text().split("\n", 1)[0]
        return abs(int(first))
    except (OSError, ValueError):
        return None


def stop_all(data: Path, seconds: float) -> int | None:
    """Stop every server process on `data`: fast, then immediate, then kill.

    Returns the PID of the postmaster found, or of one leftover; None when nothing ran. Raises
    TemporaryError when something cannot be stopped.
    """
    first: int | None = None
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        running = servers_of(data)
        if not running:
            return first
        holder = lock_holder(data)
        # Backends end by themselves once their postmaster is gone; only it is asked politely.
        targets = [holder] if holder in running and how is not signal.SIGKILL else running
        first = first or targets[0]
        for pid in targets:
            if pid is not None:
                _send(pid, how)
        _wait_until_gone(data, seconds if how is signal.SIGINT else 6.0)
    if servers_of(data):
        raise TemporaryError(f"{data}: an old PostgreSQL server on it cannot be stopped")
    return first


def _send(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def _wait_until_gone(data: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while servers_of(data) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
