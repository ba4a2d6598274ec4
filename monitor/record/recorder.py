"""Writing outcomes: idempotent batches, each one transaction of a few set-based statements."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import DatabaseUnavailable, PermanentError
from monitor.model import Outcome, Signature
from monitor.record.addresses import AddressIds
from monitor.record.agencies import AgencyIds
from monitor.record.batch import Batch, Written
from monitor.record.database import Database
from monitor.record.events import BatchRetried, ItemUnrecordable, SealingKeyNew
from monitor.record.faults import Fault, classify, is_ours, sqlstate, unavailable
from monitor.record.prepare import agency_codes, own_sender, prepare
from monitor.record.sealing import Sealer

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """What of one outcome was new to the record; metrics count exactly that."""

    item_id: str
    new_item: bool
    """False: this very item was recorded before, nothing of it counts again."""
    first_message: bool = False
    """The first copy of its message."""
    new_recipient_agencies: tuple[str, ...] = ()
    """Agencies that this copy added as recipients: the message is `in` for each."""
    new_documents: tuple[int, ...] = ()
    """Indices in `Examined.documents` of documents at their first record."""
    new_sendings: tuple[int, ...] = ()
    """Indices of documents for which this was a further, or the first, dispatch."""
    new_signatures: tuple[Signature, ...] = ()
    """Signatures of the new documents, and of the message if it is new."""


class PoisonedItem(PermanentError):
    """One item that the database refuses for what it holds; to be set aside.

    The other items of its batch are recorded: written again without it, they answer with the
    decisions that this error kept back.
    """

    def __init__(self, item_id: str, reason: str) -> None:
        super().__init__(f"item {item_id} cannot be recorded (SQLSTATE {reason})")
        self.item_id = item_id
        self.reason = reason


class DataRefused(Exception):
    """A transaction failed for what some row holds."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Recorder:
    """Writes outcomes of any number of concurrent callers."""

    def __init__(self, database: Database, state_dir: Path) -> None:
        """`state_dir` holds the sealing key, made here on first use."""
        self._database = database
        self._sealer = Sealer.load(state_dir)
        self._observer = database.observer
        self._agencies = AgencyIds()
        self._addresses = AddressIds(self._sealer)
        self._key_announced = False
        self._undelivered: dict[str, Decision] = {}

    async def write(self, batch: Sequence[Outcome]) -> Sequence[Decision]:
        """Record a batch; decisions in its order.

        Raises DatabaseUnavailable when the same batch should be written again later, PoisonedItem
        when one of its items never can be and should be left out of the next try. Either way a
        part may be recorded already: its decisions come with the next try.
        """
        outcomes = {outcome.header.item_id: outcome for outcome in batch}
        await self._announce_key()
        refused = await self._write_part(list(outcomes.values()))
        if refused:
            raise PoisonedItem(*refused[0])
        return [self._deliver(outcome.header.item_id) for outcome in batch]

    def _deliver(self, item_id: str) -> Decision:
        """The decision on an item; one that stands twice in a batch is new at its first place."""
        return self._undelivered.pop(item_id, Decision(item_id, new_item=False))

    async def _write_part(self, outcomes: list[Outcome]) -> list[tuple[str, str]]:
        """Write in one transaction; halve until what is refused stands alone.

        Gives the refused items and the SQLSTATE of each.
        """
        if not outcomes:
            return []
        try:
            for decision in await self._write_once(outcomes):
                if decision.new_item or decision.item_id not in self._undelivered:
                    self._undelivered[decision.item_id] = decision
        except DataRefused as error:
            if len(outcomes) == 1:
                item_id = outcomes[0].header.item_id
                self._observer.emit(ItemUnrecordable(item_id, error.state))
                return [(item_id, error.state)]
        else:
            return []
        middle = len(outcomes) // 2
        return await self._write_part(outcomes[:middle]) + await self._write_part(outcomes[middle:])

    async def _write_once(self, outcomes: list[Outcome]) -> list[Decision]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._transaction(outcomes)
            except Exception as error:
                if is_ours(error):
                    raise
                fault = classify(error)
                if fault is Fault.DATA:
                    raise DataRefused(sqlstate(error)) from error
                if fault is Fault.UNAVAILABLE or attempt == ATTEMPTS:
                    raise unavailable(error) from error
                self._observer.emit(BatchRetried(attempt, sqlstate(error)))
                self._database.forget_partitions()
                await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - jitter
        raise DatabaseUnavailable("the batch met a conflict at every attempt")

    async def _transaction(self, outcomes: list[Outcome]) -> list[Decision]:
        # One connection at a time: writers that hold one and wait for a second empty the pool.
        senders = await self._learn(outcomes)
        rows = [
            prepare(each, self._agencies.id_of, self._sealer, senders.get(own_sender(each) or ""))
            for each in outcomes
        ]
        batch = Batch(rows)
        await self._database.ensure_partitions(batch.days())
        async with (
            self._database.pool.acquire(timeout=60) as connection,
            connection.transaction(),
        ):
            written = await batch.write(connection)
        return [self._decide(each, new) for each, new in zip(outcomes, written, strict=True)]

    async def _learn(self, outcomes: Iterable[Outcome]) -> Mapping[str, int]:
        """Make sure that agencies and senders have ids; gives the senders'."""
        codes = set().union(*(agency_codes(outcome) for outcome in outcomes))
        senders = {sender for outcome in outcomes if (sender := own_sender(outcome))}
        known = self._addresses.known(senders)
        if known is None or not self._agencies.knows(codes):
            async with self._database.pool.acquire(timeout=60) as connection:
                await self._agencies.learn(connection, codes)
                known = await self._addresses.learn(connection, senders)
        return known

    def _decide(self, outcome: Outcome, written: Written) -> Decision:
        documents = outcome.examined.documents
        message = outcome.examined.verdict.signatures if written.first_message else ()
        return Decision(
            outcome.header.item_id,
            written.new_item,
            written.first_message,
            tuple(self._agencies.code_of(each) for each in written.recipient_ids),
            written.documents,
            written.sendings,
            tuple(message)
            + tuple(
                signature
                for index in written.documents
                for signature in documents[index].judgement.verdict.signatures
            ),
        )

    async def _announce_key(self) -> None:
        """Note in the database which key seals its rows from now on."""
        if self._key_announced:
            return
        async with self._database.connection() as connection:
            added = await connection.fetchval(
                "INSERT INTO sealing_key (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING"
                " RETURNING fingerprint",
                self._sealer.fingerprint,
            )
            known = await connection.fetchval("SELECT count(*) FROM sealing_key")
        if added and known > 1:
            self._observer.emit(SealingKeyNew(known))
        self._key_announced = True
