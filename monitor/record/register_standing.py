"""Until when the agencies' registers have been given."""

from datetime import date

from monitor.record.connection import Connection
from monitor.record.statements import sql


async def newest_registers(connection: Connection) -> dict[str, date | None]:
    """By code of every listed agency: the last Vietnam day that its register of documents sent
    covers, or None.
    """
    return {row["code"]: row["last_day"] for row in await connection.fetch(sql("register_newest"))}
