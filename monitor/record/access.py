"""How a command reaches the database that the daemon of these settings uses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import place
from monitor.record.database import Database
from monitor.record.embedded import EmbeddedPostgres, running_dsn
from monitor.record.key_use import keys_in_use
from monitor.settings import Settings


@asynccontextmanager
async def attached(settings: Settings, observer: Observer) -> AsyncIterator[Database]:
    """The database of either mode; inside, no key is changed (`key_use`).

    Raises UserError when there is none yet or this account may not read it.
    """
    async with (
        reached(settings, observer) as dsn,
        opened(dsn, settings, observer) as database,
        keys_in_use(dsn, settings.state_dir),
    ):
        yield database


@asynccontextmanager
async def reached(settings: Settings, observer: Observer) -> AsyncIterator[str]:
    """The DSN of the configured database, the running daemon's, or, while no daemon runs, that of
    its embedded server started for the time being. From the main thread. Raises UserError.
    """
    configured = settings.database.dsn
    try:
        dsn = configured.get_secret_value() if configured else running_dsn(settings.state_dir)
        if dsn is None and place.known(settings.state_dir) is None:
            raise UserError(
                f"{settings.state_dir}: no database yet; `congvu run` or `congvu demo` makes it"
            )
    except PermissionError as error:
        raise UserError(
            f"{error.filename}: not readable by this account; use the one that runs congvu"
        ) from None
    if dsn is not None:
        yield dsn
        return
    async with EmbeddedPostgres(settings.state_dir, observer, settings.user) as embedded:
        yield embedded.dsn


@asynccontextmanager
async def opened(dsn: str, settings: Settings, observer: Observer) -> AsyncIterator[Database]:
    """Connections to a database that a daemon has migrated."""
    database = await Database.attach(dsn, settings.database, observer)
    try:
        yield database
    finally:
        await database.close()
