"""Which captured items are recorded."""

from collections.abc import Sequence
from uuid import UUID

from monitor.record.database import Database
from monitor.record.statements import sql


async def committed_items(database: Database, ids: Sequence[str]) -> set[str]:
    """Those of the item identifiers that have a committed row; DatabaseUnavailable."""
    async with database.connection() as connection:
        rows = await connection.fetch(sql("committed_items"), [UUID(hex=one) for one in ids])
    return {row["item_id"].hex for row in rows}
