"""When sources were last heard, as the record has it: known before one delivers again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from monitor.record import log_checkpoints
from monitor.record.database import Database

BACK = timedelta(days=35)
"""So far is looked back: longer than the longest Tết, and no more than two months' partitions."""


async def last_heard(database: Database, logs: Iterable[str], today: date) -> dict[str, datetime]:
    """Receipt of the last item of each source, and the newest time-stamp of each log.

    Without sources that were last heard more than 35 days ago. Raises DatabaseUnavailable.
    """
    found: dict[str, datetime] = {}
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT source, max(received_at) AS last FROM item WHERE day >= $1 GROUP BY source",
            today - BACK,
        )
        found |= {row["source"]: row["last"] for row in rows}
        for name in logs:
            newest = (await log_checkpoints.load(connection, name)).whole.get("newest")
            if newest:
                found[name] = datetime.fromisoformat(newest)
    return found
