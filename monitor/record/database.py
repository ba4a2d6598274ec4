"""An opened database: migrated, of the right mode, with its connections and partitions."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date
from enum import StrEnum
from typing import Self

import asyncpg

from monitor.clock import Clock, now, vietnam_day
from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import calendar, viewer
from monitor.record.agencies import RegistryEntry, sync
from monitor.record.calendar import ExceptionalDay
from monitor.record.connection import Connection
from monitor.record.events import DatabaseOpened, PartitionsMade
from monitor.record.faults import FROM_THE_SERVER, is_ours, unavailable
from monitor.record.migrate import migrate, require_current
from monitor.settings import DatabaseSettings

MONTHS_AHEAD = 2
COMMAND_SECONDS = 120.0
SESSION = {
    "application_name": "congvu",
    "timezone": "UTC",
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
    "search_path": "public",
}
FIRST_MONTH = date(2015, 1, 1)
"""Earlier days share one partition (first_month() in the schema)."""


class Mode(StrEnum):
    """What the database may hold: the two never meet in one database."""

    REAL = "real"
    DEMO = "demo"


class Database:
    """Connections to one PostgreSQL database; every error it lets out is classified."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", dsn: str, mode: Mode, observer: Observer
    ) -> None:
        self._pool = pool
        self._dsn = dsn
        self._observer = observer
        self._months: set[date] = set()
        self.mode = mode

    @classmethod
    async def open(
        cls,
        dsn: str,
        mode: Mode,
        settings: DatabaseSettings,
        observer: Observer,
        clock: Clock = now,
    ) -> Self:
        """Connect, migrate under a lock, check the mode, make the next months' partitions.

        Raises UserError for what the operator has to change (a DSN, a database of the other mode
        or of a newer version) and DatabaseUnavailable for what may pass.
        """
        pool = await _connect(dsn, settings)
        database = cls(pool, dsn, mode, observer)
        try:
            async with database.connection() as connection:
                schema = await migrate(connection, observer)
                await _check_mode(connection, mode)
                await viewer.grant(connection)
            await database.ensure_ahead(vietnam_day(clock()))
        except BaseException:
            pool.terminate()
            raise
        observer.emit(DatabaseOpened(mode.value, schema))
        return database

    @classmethod
    async def attach(cls, dsn: str, settings: DatabaseSettings, observer: Observer) -> Self:
        """Connect to a database that a daemon has migrated, whatever its mode; change nothing.

        Raises UserError when its schema is not this congvu's.
        """
        pool = await _connect(dsn, settings)
        database = cls(pool, dsn, Mode.REAL, observer)
        try:
            async with database.connection() as connection:
                await require_current(connection)
                found = await connection.fetchval("SELECT value FROM meta WHERE name = 'mode'")
                database.mode = Mode(found)
        except BaseException:
            pool.terminate()
            raise
        return database

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the pool; raises DatabaseUnavailable for every error of the server."""
        try:
            async with self._pool.acquire(timeout=COMMAND_SECONDS) as connection:
                yield connection
        except FROM_THE_SERVER as error:
            if is_ours(error):
                raise
            raise unavailable(error) from error

    async def lasting_connection(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection outside of the pool, for what lasts as long as it does; the caller ends it.

        Raises DatabaseUnavailable.
        """
        try:
            return await asyncpg.connect(
                self._dsn, timeout=10, command_timeout=COMMAND_SECONDS, server_settings=SESSION
            )
        except FROM_THE_SERVER as error:
            raise unavailable(error) from error

    @property
    def pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        """The bare pool, for callers that classify errors themselves."""
        return self._pool

    @property
    def observer(self) -> Observer:
        """Where the rooms that use this database report to."""
        return self._observer

    async def sync_agencies(
        self, agencies: Iterable[RegistryEntry], today: date | None = None
    ) -> None:
        """Make the tables of agencies say what the registry says, on `today` or the present day."""
        async with self.connection() as connection:
            await sync(connection, agencies, today)

    async def sync_calendar(self, days: Iterable[ExceptionalDay]) -> None:
        """Make the calendar's table say which days are not what their weekday says."""
        async with self.connection() as connection:
            await calendar.sync(connection, days)

    async def ping(self) -> None:
        """Return when the database answers; DatabaseUnavailable when it does not."""
        async with self.connection() as connection:
            await connection.execute("SELECT 1", timeout=5)

    # -- partitions ---------------------------------------------------------------------------

    async def ensure_ahead(self, today: date) -> None:
        """Make the partitions of this month and the next ones; to be run daily."""
        months = [_month_after(today, offset) for offset in range(MONTHS_AHEAD + 1)]
        await self.ensure_partitions(months)

    async def ensure_partitions(self, days: Iterable[date]) -> None:
        """Make the partitions that rows of these days go to; cheap when they are known."""
        for month in sorted({day.replace(day=1) for day in days} - self._months):
            if month >= FIRST_MONTH:
                async with self.connection() as connection:
                    if await connection.fetchval("SELECT ensure_month($1)", month):
                        self._observer.emit(PartitionsMade(month.isoformat()))
            self._months.add(month)

    def forget_partitions(self) -> None:
        """Ask the database again which partitions exist: one was missing."""
        self._months.clear()


def _month_after(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


async def _connect(dsn: str, settings: DatabaseSettings) -> "asyncpg.Pool[asyncpg.Record]":
    try:
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=settings.pool_size,
            command_timeout=COMMAND_SECONDS,
            server_settings=SESSION,
        )
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise UserError("database.dsn: the server refuses this user or password") from None
    except asyncpg.InvalidCatalogNameError:
        raise UserError("database.dsn: the server has no such database; create it") from None
    except asyncpg.exceptions.ClientConfigurationError as error:
        raise UserError(f"database.dsn: {error}") from None
    except FROM_THE_SERVER as error:
        raise unavailable(error) from error


async def _check_mode(connection: Connection, mode: Mode) -> None:
    await connection.execute(
        "INSERT INTO meta (name, value) VALUES ('mode', $1) ON CONFLICT DO NOTHING", mode.value
    )
    found = await connection.fetchval("SELECT value FROM meta WHERE name = 'mode'")
    if found == mode.value:
        return
    if mode is Mode.REAL:
        raise UserError(
            "the database holds demo data: `congvu run` never mixes it with real data; set "
            "database.dsn or state_dir to another place"
        )
    raise UserError(
        "the database holds real data: `congvu demo` never writes into it; leave database.dsn "
        "unset, or give the demo a database of its own"
    )
