"""How a command reaches the database that the daemon of these settings uses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import place
from monitor.record.database import Database
from monitor.record.embedded import EmbeddedPostgres, running_dsn
from monitor.settings import Settings


@asynccontextmanager
async def attached(settings: Settings, observer: Observer) -> AsyncIterator[Database]:
    """The database of either mode: the configured one, the running daemon's, or, while no daemon
    runs, its embedded server started for the time being. From the main thread.

    Raises UserError when there is none yet or this account may not read it.
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
        async with _opened(dsn, settings, observer) as database:
            yield database
        return
    async with (
        EmbeddedPostgres(settings.state_dir, observer, settings.user) as embedded,
        _opened(embedded.dsn, settings, observer) as database,
    ):
        yield database


@asynccontextmanager
async def _opened(dsn: str, settings: Settings, observer: Observer) -> AsyncIterator[Database]:
    database = await Database.attach(dsn, settings.database, observer)
    try:
        yield database
    finally:
        await database.close()
