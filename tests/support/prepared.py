"""A data directory of the embedded server that is made once and copied for each daemon of a test.

initdb, the product's role and every migration take seconds, the copy a tenth of one. What is copied
is a server's own, left in order: the daemon starts on it as it does after any restart.
"""

import asyncio
import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode
from monitor.record import account as accounts
from monitor.record import place as places
from monitor.settings import DatabaseSettings

USER = os.environ.get("CONGVU_TEST_USER")
"""The account of servers that root starts; else the product chooses."""


def lay(state: Path) -> None:
    """Give a state directory that has no server yet a migrated one, which does not run."""
    if places.known(state):
        return
    made = places.known(_once())
    assert made is not None
    target = places.make(state, accounts.choose(USER)).home
    what = [made.data, *made.home.glob("password-*"), made.home / "ready"]
    subprocess.run(["cp", "-a", *what, target], check=True)


@functools.cache
def _once() -> Path:
    """In a process of its own: a server dies with the thread that starts it."""
    folder = Path(tempfile.mkdtemp(prefix="congvu-prepared-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)
    call = [sys.executable, "-m", __name__, str(folder)]
    subprocess.run(call, check=True, timeout=300, cwd=Path(__file__).parents[2])
    return folder


async def _make(state: Path) -> None:
    async with EmbeddedPostgres(state, Observer(), USER) as server:
        database = await Database.open(server.dsn, Mode.REAL, DatabaseSettings(), Observer())
        await database.close()


if __name__ == "__main__":
    asyncio.run(_make(Path(sys.argv[1])))
