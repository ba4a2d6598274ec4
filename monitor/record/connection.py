"""The type of a connection, bare or lent by a pool."""

from typing import TypeAlias

import asyncpg.pool

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
