"""Handing items out, oldest first: a bounded read-ahead from disk, in batches, in a thread.

Bodies are in memory only while they are out with a worker, ready to be taken, or small and just
appended.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from monitor.errors import SpoolFault
from monitor.model import ItemHeader
from monitor.spool.backlog import Backlog
from monitor.spool.events import SpoolReadFailed
from monitor.spool.files import Files
from monitor.spool.record import CORRUPT, PREFIX_BYTES, Loaded, check, decode, decode_prefix
from monitor.spool.segment import Place, SegmentName
from monitor.spool.site import Site

BATCH_ITEMS: Final = 32
BATCH_BYTES: Final = 8 * 1024 * 1024
READY_ITEMS: Final = 2 * BATCH_ITEMS
READY_BYTES: Final = 2 * BATCH_BYTES
RECENT_BYTES: Final = 16 * 1024 * 1024
RECENT_BODY_BYTES: Final = 256 * 1024
ONE_READ_BYTES: Final = 256 * 1024
REREAD_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Spooled:
    """One item handed out; give it back to `done`, `retry` or `quarantine`."""

    header: ItemHeader
    body: bytes
    attempts: int
    """How often it was handed out before, in this process."""
    place: Place = field(repr=False, compare=False)


class _Recent(NamedTuple):
    header: ItemHeader
    body: Sequence[bytes]
    size: int


class _Planned(NamedTuple):
    place: Place
    attempts: int
    recent: _Recent | None


@dataclass(frozen=True, slots=True)
class ReadBounds:
    """How much may be out with workers (or read ahead for them) at one time."""

    items: int
    bytes: int


class Reader:
    """Reads ahead of the workers, within bounds; runs on the event loop."""

    def __init__(
        self,
        site: Site,
        backlog: Backlog,
        bounds: ReadBounds,
        on_damage: Callable[[Place, Loaded], None],
    ) -> None:
        self._site = site
        self._backlog = backlog
        self._bounds = bounds
        self._on_damage = on_damage
        self._ready: asyncio.Queue[Spooled | None] = asyncio.Queue()
        self._ready_bytes = 0
        self._out: dict[Place, int] = {}
        self._out_bytes = 0
        self._recent: dict[Place, _Recent] = {}
        self._recent_bytes = 0
        self._readable = asyncio.Event()
        self._stopping = False

    async def run(self, executor: Executor) -> None:
        """Keep the ready items topped up, until `stop`."""
        while not self._stopping:
            plan = self._plan()
            if plan:
                await self._load(plan, executor)
            else:
                await self._wait()

    def stop(self) -> None:
        """No more reading; whoever waits in `take` gets SpoolFault."""
        self._stopping = True
        self._readable.set()
        self._ready.put_nowait(None)

    def wake(self) -> None:
        """There may be something new to read."""
        self._readable.set()

    async def take(self) -> Spooled:
        """The next item; waits for one. SpoolFault once the spool is closed."""
        item = None if self._stopping else await self._ready.get()
        if item is None:
            self._ready.put_nowait(None)
            raise SpoolFault("the spool is closed")
        self._ready_bytes -= len(item.body)
        self._readable.set()
        return item

    def remember(self, place: Place, header: ItemHeader, body: Sequence[bytes]) -> None:
        """Keep a small body that was just appended, while there is room, to save reading it.

        The first ones stay and later ones are not kept: with a backlog they are read first.
        """
        size = place.segment.lengths[place.at]
        if size <= RECENT_BODY_BYTES and self._recent_bytes + size <= RECENT_BYTES:
            self._recent[place] = _Recent(header, body, size)
            self._recent_bytes += size

    def release(self, spooled: Spooled) -> bool:
        """An item is no longer out; False if it was not."""
        size = self._out.pop(spooled.place, None)
        if size is None:
            return False
        self._out_bytes -= size
        self._readable.set()
        return True

    def put_back(self, spooled: Spooled, delay_seconds: float) -> None:
        """Hand an item out again after a delay."""
        if self.release(spooled):
            due = time.monotonic() + delay_seconds
            self._backlog.put_back(spooled.place, due, spooled.attempts + 1)

    def _plan(self) -> list[_Planned]:
        """What to read next; it counts as out from here on."""
        plan: list[_Planned] = []
        size = 0
        while len(plan) < BATCH_ITEMS and size < BATCH_BYTES:
            found = self._next()
            if found is None:
                break
            place, attempts = found
            length = place.segment.lengths[place.at]
            if not self._has_room(length, size):
                break
            self._backlog.hand_out(place)
            self._out[place] = length
            self._out_bytes += length
            size += length
            recent = self._recent.pop(place, None)
            if recent:
                self._recent_bytes -= recent.size
            plan.append(_Planned(place, attempts, recent))
        return plan

    def _next(self) -> tuple[Place, int] | None:
        due = self._backlog.next_due(time.monotonic())
        if due:
            return due
        place = self._backlog.next_unread()
        return (place, 0) if place else None

    def _has_room(self, length: int, planned: int) -> bool:
        if not self._out:
            return True
        return (
            len(self._out) < self._bounds.items
            and self._out_bytes + length <= self._bounds.bytes
            and self._ready.qsize() < READY_ITEMS
            and (self._ready_bytes + planned + length <= READY_BYTES or self._ready.empty())
        )

    async def _wait(self) -> None:
        self._readable.clear()
        due = self._backlog.due_at()
        timeout = None if due is None else max(0.01, due - time.monotonic())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._readable.wait(), timeout)

    async def _load(self, plan: Sequence[_Planned], executor: Executor) -> None:
        wanted = [planned.place for planned in plan if planned.recent is None]
        loaded: dict[Place, Loaded | OSError] = {}
        if wanted:
            loop = asyncio.get_running_loop()
            spans = [(place.segment.name, *place.span) for place in wanted]
            results = await loop.run_in_executor(executor, self._read, spans)
            loaded = dict(zip(wanted, results, strict=True))
        for planned in plan:
            recent = planned.recent
            if recent:
                body = recent.body[0] if len(recent.body) == 1 else b"".join(recent.body)
                self._offer(planned, recent.header, body)
            else:
                self._settle(planned, loaded[planned.place])

    def _offer(self, planned: _Planned, header: ItemHeader, body: bytes) -> None:
        self._ready_bytes += len(body)
        self._ready.put_nowait(Spooled(header, bytes(body), planned.attempts, planned.place))

    def _settle(self, planned: _Planned, loaded: Loaded | OSError) -> None:
        if isinstance(loaded, Loaded) and loaded.header and not loaded.fault:
            self._offer(planned, loaded.header, loaded.body)
            return
        self._out_bytes -= self._out.pop(planned.place)
        if isinstance(loaded, OSError):
            due = time.monotonic() + REREAD_SECONDS
            self._backlog.put_back(planned.place, due, planned.attempts)
            self._site.observer.emit(SpoolReadFailed(type(loaded).__name__))
        else:
            self._on_damage(planned.place, loaded)

    def _read(self, spans: Sequence[tuple[SegmentName, int, int]]) -> list[Loaded | OSError]:
        """In a thread: read and check records; a batch is mostly from one segment."""
        files = self._site.files
        opened: dict[SegmentName, int] = {}
        results: list[Loaded | OSError] = []
        try:
            for name, start, end in spans:
                try:
                    if name not in opened:
                        opened[name] = files.open(self._site.segments / name.data)
                    results.append(_read_record(files, opened[name], name.nonce, start, end))
                except OSError as error:
                    results.append(error)
        finally:
            for descriptor in opened.values():
                files.close(descriptor)
        return results


def _read_record(files: Files, descriptor: int, nonce: bytes, start: int, end: int) -> Loaded:
    """One record; a big body is read apart, for copying it would hold the interpreter's lock."""
    size = end - start
    if size <= ONE_READ_BYTES:
        return decode(files.read(descriptor, size, start), nonce)
    prefix = decode_prefix(files.read(descriptor, PREFIX_BYTES, start), nonce)
    if prefix is None or prefix.record_bytes != size:
        return CORRUPT
    start += PREFIX_BYTES
    header = files.read(descriptor, prefix.header_bytes, start)
    body = files.read(descriptor, prefix.body_bytes, start + prefix.header_bytes)
    return check(prefix, header, body)
