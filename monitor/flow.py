"""The loop between the spool and the record: take, examine, attribute, record, let go.

An item leaves the spool only after its row is committed or after it is in the quarantine, so a
crash at any point repeats work and never skips it. What the database cannot take for now waits
here, and behind it the spool grows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from monitor.clock import Clock
from monitor.errors import DatabaseUnavailable
from monitor.model import Attribution, Drawing, Examined, ItemHeader, Outcome
from monitor.observe import Drop, Event, Level, Observer
from monitor.record import Decision, PoisonedItem
from monitor.settings import DatabaseSettings
from monitor.spool import Spooled

MAX_BACKOFF_SECONDS = 15.0
MAX_ATTEMPTS = 3
MAX_ASKING = 256
"""Messages that wait for an answer about their origin. None waits behind them: with so many
waiting, the next ones are recorded at once, and asked about later."""
MAX_ASKING_BYTES = 64 * 1024 * 1024
"""Of all that wait: the spool hands out a bounded number of bytes, and others need theirs."""


@dataclass(frozen=True)
class DatabaseAway(Event):
    """A batch could not be written; it is kept and tried again."""

    level: ClassVar[Level] = "warning"
    reason: str
    items: int


@dataclass(frozen=True)
class DatabaseBack(Event):
    """Writing works again."""

    items: int


@dataclass(frozen=True)
class ItemSetAside(Event):
    """An item that our code cannot handle is in the quarantine (`congvu quarantine list`)."""

    level: ClassVar[Level] = "error"
    item_id: str
    at_stage: str
    error: str

    def drop(self) -> Drop:
        return Drop(self.at_stage, "quarantined")


class Outlet(Protocol):
    """The reading end of the spool."""

    async def take(self) -> Spooled: ...
    def done(self, spooled: Spooled) -> None: ...
    async def quarantine(self, spooled: Spooled, reason: str, detail: str) -> None: ...


class Examiner(Protocol):
    """Extracts every item and verifies those that are drawn (monitor/sampling)."""

    async def examine(self, header: ItemHeader, body: bytes) -> tuple[Examined, Drawing]: ...


class Recorder(Protocol):
    """Raises DatabaseUnavailable for now, PoisonedItem for one item that never fits."""

    async def write(self, batch: Sequence[Outcome]) -> Sequence[Decision]: ...


Ask = Callable[[], Awaitable[Outcome]]


class Origins(Protocol):
    """Finds out where messages come from (monitor/origin.py)."""

    def begin(self, outcome: Outcome) -> tuple[Outcome, Ask | None]:
        """What is recorded if nobody is asked, and how to ask where somebody is to be: that never
        raises and takes a bounded time.
        """
        ...


Attribute = Callable[[ItemHeader, Examined], Attribution]
Decided = Callable[[Outcome, Decision], None]
Pair = tuple[Spooled, Outcome]


class Flow:
    """Moves items from the spool to the record until cancelled."""

    def __init__(
        self,
        outlet: Outlet,
        examiner: Examiner,
        recorder: Recorder,
        attribute: Attribute,
        decided: Decided,
        observer: Observer,
        settings: DatabaseSettings,
        workers: int,
        clock: Clock,
        trust: Callable[[], str] = str,
        origins: Origins | None = None,
    ) -> None:
        """`trust` gives the fingerprint of the trust material that all children have now."""
        self._outlet = outlet
        self._examiner = examiner
        self._recorder = recorder
        self._attribute = attribute
        self._decided = decided
        self._observer = observer
        self._settings = settings
        self._workers = workers
        self._clock = clock
        self._trust = trust
        self._origins = origins
        self._asking = 0
        self._asking_bytes = 0
        self._examined: asyncio.Queue[Pair] = asyncio.Queue(settings.batch_items)

    @property
    def recording_waits(self) -> bool:
        """Is there no room for what is examined? Then the database is what items wait for."""
        return self._examined.full()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._workers):
                group.create_task(self._examine_all(group), name=f"examine-{number}")
            group.create_task(self._record_all(), name="record")

    async def _examine_all(self, group: asyncio.TaskGroup) -> None:
        while True:
            spooled = await self._outlet.take()
            found = await self._outcome(spooled)
            if found is None:
                continue
            outcome, ask = found
            size = len(spooled.body)
            # The body is not needed any more: a batch of large mails must not stay in memory.
            spooled = replace(spooled, body=b"")
            if ask is None or not self._may_wait(size):
                await self._examined.put((spooled, outcome))
            else:
                self._asking += 1
                self._asking_bytes += size
                group.create_task(self._ask(spooled, ask, size), name="origin")

    def _may_wait(self, size: int) -> bool:
        return self._asking < MAX_ASKING and self._asking_bytes + size <= MAX_ASKING_BYTES

    async def _ask(self, spooled: Spooled, ask: Ask, size: int) -> None:
        """Its place is kept until it is handed on: what waits for the database stays bounded."""
        try:
            await self._examined.put((spooled, await ask()))
        finally:
            self._asking -= 1
            self._asking_bytes -= size

    async def _outcome(self, spooled: Spooled) -> tuple[Outcome, Ask | None] | None:
        """The outcome, or None when our own code failed on the item and it was set aside."""
        header = spooled.header
        trust = self._trust()  # before: newer material may come while it is examined
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                examined, drawing = await self._examiner.examine(header, spooled.body)
                attribution = self._attribute(header, examined)
                outcome = Outcome.model_construct(
                    header=header,
                    examined=examined,
                    attribution=attribution,
                    decided_at=self._clock(),
                    trust_material=trust,
                    drawing=drawing,
                )
                return self._origins.begin(outcome) if self._origins else (outcome, None)
            except Exception as error:  # noqa: BLE001 - whatever it is, the item is kept and seen
                if attempt == MAX_ATTEMPTS:
                    await self._set_aside(spooled, "examine", error)
        return None

    async def _set_aside(self, spooled: Spooled, stage: str, error: Exception) -> None:
        name = type(error).__name__
        await self._outlet.quarantine(spooled, f"{stage}_failed", name)
        self._observer.emit(ItemSetAside(spooled.header.item_id, stage, name))

    async def _record_all(self) -> None:
        while True:
            await self._record(await self._batch())

    async def _batch(self) -> list[Pair]:
        """At least one item, and what comes within the batch delay, up to the batch size."""
        batch = [await self._examined.get()]
        if not self._examined.full():
            await asyncio.sleep(self._settings.batch_delay_seconds)
        while len(batch) < self._settings.batch_items and not self._examined.empty():
            batch.append(self._examined.get_nowait())
        return batch

    async def _record(self, batch: list[Pair]) -> None:
        """Write until it is written; only an item that can never be written is set aside."""
        while batch:
            try:
                decisions = await self._write(batch)
            except PoisonedItem as error:
                poisoned = [p for p in batch if p[0].header.item_id == error.item_id]
                for spooled, _ in poisoned:
                    await self._set_aside(spooled, "record", error)
                batch = [p for p in batch if p not in poisoned]
            else:
                for (spooled, outcome), decision in zip(batch, decisions, strict=True):
                    self._outlet.done(spooled)
                    self._decided(outcome, decision)
                return

    async def _write(self, batch: list[Pair]) -> Sequence[Decision]:
        backoff, away = 0.2, False
        while True:
            try:
                decisions = await self._recorder.write([outcome for _, outcome in batch])
            except PoisonedItem:
                raise
            except Exception as error:  # noqa: BLE001 - an unclassified error is temporary
                known = isinstance(error, DatabaseUnavailable)
                reason = "unavailable" if known else type(error).__name__
                self._observer.emit(DatabaseAway(reason, len(batch)))
                away = True
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
            else:
                if away:
                    self._observer.emit(DatabaseBack(len(batch)))
                return decisions
