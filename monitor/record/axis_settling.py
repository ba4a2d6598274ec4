"""Deliveries, derived from what senders and receivers said (sql/settle_axis_deliveries.sql).

Writers only note which documents have something new; whoever reads derives these first. A year's
deliveries are too many to derive at each look.
"""

from monitor.record.connection import Connection
from monitor.record.statements import sql

LOCK = 0x61786973
"""Of "axis": nodes that share a database derive one after the other."""
AT_ONCE = 5000
LONGEST_STATEMENT = 600.0


async def settle(connection: Connection) -> int:
    """Bring `axis_delivery` up to date; gives how many notes of change there were.

    Each step is a transaction of its own, so an interruption repeats at most one.
    """
    taken = 0
    while step := await _settle_some(connection):
        taken += step
    return taken


async def _settle_some(connection: Connection) -> int:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        due = await connection.fetch(sql("take_axis_due"), AT_ONCE)
        if due:
            uids = await connection.fetchval(sql("axis_messages_due"), [each[0] for each in due])
            await connection.execute(
                "DELETE FROM axis_delivery WHERE axis_uid = ANY ($1::uuid[])", uids
            )
            await connection.execute(sql("settle_axis_deliveries"), uids, timeout=LONGEST_STATEMENT)
    return len(due)
