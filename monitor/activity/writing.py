"""What was read of a log goes into the record, with how far it is read, in one transaction."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from monitor.activity.folding import Folded
from monitor.activity.marks import FileMark
from monitor.activity.totals import Totals
from monitor.record import Database, Sealer, log_checkpoints
from monitor.record.activity import (
    ActivityFact,
    GatewayRow,
    source_id,
    write_activity,
    write_gateway_messages,
)
from monitor.record.addresses import AddressIds
from monitor.record.agencies import AgencyIds
from monitor.record.connection import Connection
from monitor.record.message_ref import message_ref

ADDRESSES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One step on in a log: how far it is read then, and what was found."""

    totals: Totals
    marks: Collection[FileMark] = ()
    """Those that have changed."""
    forgotten: Collection[int] = ()
    folded: Folded = field(default_factory=Folded)


class ActivityWriter:
    """Writes steps of any number of logs."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._addresses = AddressIds(sealer)
        self._agencies = AgencyIds()
        self._numbers: dict[str, int] = {}

    async def load(self, checkpoint: str) -> log_checkpoints.Checkpoint:
        """How far a log is read. Raises DatabaseUnavailable."""
        async with self._database.connection() as connection:
            return await log_checkpoints.load(connection, checkpoint)

    async def forget(self, checkpoint: str) -> None:
        """Read a log from its beginning again. Raises DatabaseUnavailable."""
        async with self._database.connection() as connection:
            await log_checkpoints.forget(connection, checkpoint)

    async def write(self, checkpoint: str, source: str, serial: int, step: Step) -> None:
        """Record a step of the log `checkpoint`, all or nothing; `source` says so.

        Raises CheckpointMoved when it is not the next step after `serial`, UserError when there
        are too many sources, DatabaseUnavailable when it is unknown whether it was recorded.
        """
        facts, messages = await self._rows(source, step.folded)
        await self._database.ensure_partitions(step.folded.days)
        async with self._database.connection() as connection, connection.transaction():
            await log_checkpoints.save(
                connection,
                checkpoint,
                serial,
                step.totals.as_json(),
                {mark.number: mark.as_json() for mark in step.marks},
                step.forgotten,
            )
            if facts:
                await write_activity(connection, facts, self._numbers[source])
            await write_gateway_messages(connection, messages)

    async def _rows(
        self, source: str, folded: Folded
    ) -> tuple[list[ActivityFact], list[GatewayRow]]:
        if not folded.activity and not folded.sent:
            return [], []
        async with self._database.connection() as connection:
            if source not in self._numbers:
                self._numbers[source] = await source_id(connection, source)
            ids = await self._learned(connection, list(folded.addresses))
            await self._agencies.learn(connection, folded.codes)
        facts = [
            ActivityFact(ids[address], day, kinds)
            for (address, day), kinds in folded.activity.items()
        ]
        messages = [
            GatewayRow(message_ref(self._sealer, message_id, day), day, self._agencies.id_of(code))
            for message_id, (day, code) in folded.sent.items()
        ]
        return facts, messages

    async def _learned(self, connection: Connection, addresses: Sequence[str]) -> dict[str, int]:
        """A few at a time: naming and sealing new ones must not stall the intake."""
        ids: dict[str, int] = {}
        for start in range(0, len(addresses), ADDRESSES_AT_ONCE):
            part = addresses[start : start + ADDRESSES_AT_ONCE]
            ids |= await self._addresses.learn(connection, part)
            await asyncio.sleep(0)
        return ids
