"""Which captured items are recorded."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from monitor.errors import DatabaseUnavailable
from monitor.record.database import Database
from monitor.record.statements import sql

ANSWER_SECONDS = 5.0


async def committed_items(database: Database, ids: Sequence[str]) -> set[str]:
    """Those of the item identifiers that have a committed row; DatabaseUnavailable.

    A server that hangs is as good as away: who asks has mail to take meanwhile.
    """
    async with database.connection() as connection:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                rows = await connection.fetch(
                    sql("committed_items"), [UUID(hex=one) for one in ids]
                )
        except TimeoutError:
            connection.terminate()  # giving it back would wait for the server once more
            raise DatabaseUnavailable("it does not answer") from None
    return {row["item_id"].hex for row in rows}
