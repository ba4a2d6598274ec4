"""Rotates a key in a process of its own, which may be killed: DSN, state folder, where to die."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from monitor.privacy import rotation
from monitor.record import Sealer, keyring
from monitor.record.connection import Connection
from monitor.record.key_use import keys_alone, keys_in_use, share


def die(*_: Any, **__: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def arrange(where: str) -> None:
    """Have this process killed at a known point."""
    rotation.ROWS_AT_ONCE = 3
    if where == "key file written":
        rotation._addresses = die
    elif where == "before the commit":
        rotation._note_key = die
    elif where == "after the commit":
        keyring.promote = die
    elif where == "sealing again":
        replace, calls = rotation._replace, iter(range(1000))

        async def third(
            connection: Connection,
            column: rotation.Sealed,
            sealer: Sealer,
            rows: Sequence[tuple[object, ...]],
        ) -> int:
            return await replace(connection, column, sealer, rows) if next(calls) < 2 else die()

        rotation._replace = third


async def rotate(dsn: str, state_dir: Path) -> None:
    async with keys_in_use(dsn, state_dir) as session:
        if await rotation.unfinished(session):
            await rotation.seal_again(session, Sealer.load(state_dir), ignored)
            return
    async with keys_alone(dsn, state_dir) as alone:
        await renew(alone, state_dir)


async def renew(session: Connection, state_dir: Path) -> None:
    today = date(2026, 3, 18)
    sealer = await rotation.change_key(session, state_dir, today, "test", "a new key", ignored)
    await share(session)
    await rotation.seal_again(session, sealer, ignored)


def ignored(_what: str, _done: int) -> None:
    """Nobody looks."""


if __name__ == "__main__":
    dsn, state, *point = sys.argv[1:]
    arrange(point[0] if point else "")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    asyncio.run(rotate(dsn, Path(state)))
