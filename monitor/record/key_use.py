"""Who uses the keys of a state directory, so that no new key comes in under anybody's hands.

Whoever seals and names holds a shared session lock; a rotation holds it alone. The database says
which key its pseudonyms are of (`meta.pseudonym_key`), in the transaction that computed them: by it
an interrupted rotation is completed or undone by whoever comes next.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import asyncpg

from monitor.errors import UserError
from monitor.record import keyring
from monitor.record.connection import Connection
from monitor.record.faults import FROM_THE_SERVER, unavailable
from monitor.record.keyring import KEY_FILE, NEXT_FILE
from monitor.record.sealing import fingerprint

LOCK = 0x636F6E67_76756B
"""Of "congvuk"."""
PSEUDONYM_KEY = "pseudonym_key"
"""Row of `meta`: fingerprint of the key that pseudonyms are of; none before the first rotation."""
WATCH_SECONDS = 5.0
SERVER_SETTINGS = {
    "application_name": "congvu keys",
    "timezone": "UTC",
    "search_path": "public",
    "lock_timeout": "60s",
}
CHANGING = (
    "the sealing key is being changed: try again when `congvu privacy rotate-key` says that the "
    "daemon may run"
)
USED = (
    "the daemon or another command uses the sealing key: stop it first (systemctl stop congvu); "
    "senders keep their mail meanwhile"
)

Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class KeysBusy(UserError):
    """Somebody holds the keys in a way that excludes this use; it may be tried again."""


@asynccontextmanager
async def keys_in_use(dsn: str, state_dir: Path) -> AsyncIterator[Session]:
    """No key changes inside.

    Raises KeysBusy while one does, UserError when the key file is not the database's,
    DatabaseUnavailable.
    """
    session = await _begun(dsn, state_dir, "pg_try_advisory_lock_shared", CHANGING)
    try:
        yield session
    finally:
        await _ended(session)


@asynccontextmanager
async def keys_alone(dsn: str, state_dir: Path) -> AsyncIterator[Session]:
    """Nobody else uses the keys inside. Raises KeysBusy while anybody does, and as above."""
    session = await _begun(dsn, state_dir, "pg_try_advisory_lock", USED)
    try:
        yield session
    finally:
        await _ended(session)


async def share(session: Connection) -> None:
    """From here on others may use the keys as well."""
    await session.execute("SELECT pg_advisory_lock_shared($1)", LOCK)
    await session.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def watch(session: Session) -> None:
    """Return when the lock is lost, because its session ended."""
    while not session.is_closed():
        await asyncio.sleep(WATCH_SECONDS)
        with suppress(*FROM_THE_SERVER):
            await session.execute("SELECT 1", timeout=WATCH_SECONDS)


async def settle(session: Connection, state_dir: Path) -> None:
    """Complete a rotation that the database has taken over, undo one that it has not.

    Raises UserError when the key file is not the one that the database's pseudonyms are of.
    """
    in_force = await session.fetchval("SELECT value FROM meta WHERE name = $1", PSEUDONYM_KEY)
    waiting = keyring.read(state_dir / NEXT_FILE)
    if waiting and fingerprint(waiting[0]) == in_force:
        with suppress(FileNotFoundError):  # another command was faster
            keyring.promote(state_dir)
    elif waiting:
        keyring.discard_next(state_dir)
    keys = keyring.read(state_dir / KEY_FILE)
    if in_force and (not keys or fingerprint(keys[0]) != in_force):
        raise UserError(
            f"{state_dir / KEY_FILE}: is not the key of this database: restore the one that was "
            "made by the last `congvu privacy rotate-key`"
        )


async def _begun(dsn: str, state_dir: Path, function: str, refusal: str) -> Session:
    try:
        session = await asyncpg.connect(dsn, server_settings=SERVER_SETTINGS)
    except FROM_THE_SERVER as error:
        raise unavailable(error) from error
    try:
        await _taken(session, function, refusal)
        await settle(session, state_dir)
    except BaseException as error:
        await _ended(session)
        if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
            raise unavailable(error) from error
        raise
    return session


async def _taken(session: Session, function: str, refusal: str) -> None:
    if not await session.fetchval(f"SELECT {function}($1)", LOCK):
        raise KeysBusy(refusal)


async def _ended(session: Session) -> None:
    with suppress(*FROM_THE_SERVER):
        await session.close(timeout=5)
