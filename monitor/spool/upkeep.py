"""The spool's slow work beside intake: saving acknowledgements, deleting what is done, moving
items into the quarantine and back from it. Everything on disk happens in a thread.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar

from monitor.errors import SpoolFault, SpoolFull
from monitor.model import ItemHeader
from monitor.observe import Event
from monitor.spool.backlog import Backlog
from monitor.spool.commit import error_word
from monitor.spool.events import (
    SpoolHeaderUnknown,
    SpoolQuarantined,
    SpoolQuarantineFull,
    SpoolRecordCorrupt,
    SpoolRequeued,
    SpoolUpkeepFailed,
)
from monitor.spool.files import write_fully
from monitor.spool.quarantine import (
    QuarantineEntry,
    QuarantineFull,
    QuarantineStore,
    chunks_of,
    id_of,
    read_whole,
)
from monitor.spool.record import Loaded, decode
from monitor.spool.recovery import set_aside_damage
from monitor.spool.segment import Place, Segment, SegmentName, Span, encode_acks
from monitor.spool.site import Site

TICK_SECONDS: Final = 0.25
LOOK_SECONDS: Final = 1.0

P = ParamSpec("P")
R = TypeVar("R")


class Append(Protocol):
    """The spool's own intake, for what comes back from the quarantine."""

    async def __call__(self, header: ItemHeader, body: list[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class _Aside:
    """An item on its way into the quarantine."""

    place: Place
    item_id: str
    reason: str
    detail: str
    source: str | None
    fault: Callable[[int, int, int], Event] | None = None
    """The event of what the spool itself found wrong with it."""


class Upkeep:
    """Runs on the event loop beside the committer and the reader."""

    def __init__(
        self,
        site: Site,
        backlog: Backlog,
        store: QuarantineStore,
    ) -> None:
        self._site = site
        self._files = site.files
        self._folder = site.segments
        self._observer = site.observer
        self._backlog = backlog
        self._store = store
        self._aside: list[_Aside] = []
        self._store_lock = asyncio.Lock()
        self._wakeup = asyncio.Event()
        self._stopping = False
        self._last_error = ""
        self.quarantine_full = any(segment.damaged for segment in backlog.segments())
        """Something waits in the spool for room in the quarantine: intake is refused."""
        self.free_bytes = site.files.free_bytes(site.segments)

    def wake(self) -> None:
        """A segment may be finished."""
        self._wakeup.set()

    def stop(self) -> None:
        """Make `run` return after what it is doing."""
        self._stopping = True
        self._wakeup.set()

    async def run(
        self, executor: Executor, active: Callable[[], SegmentName | None], append: Append
    ) -> None:
        """Work until `stop`; `active` is the segment being written to, never deleted."""
        looked = 0.0
        while not self._stopping:
            await self.tidy(executor, active)
            if self._aside:
                await self._retry_aside(executor)
            if time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                await self._look_around(executor, append)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wakeup.wait(), TICK_SECONDS)
            self._wakeup.clear()

    async def tidy(self, executor: Executor, active: Callable[[], SegmentName | None]) -> None:
        """Save what is done, delete what is finished."""
        await self._save_acks(executor, active)
        await self._delete_finished(executor, active)

    # -- acknowledgements and deletion ----------------------------------------------------------

    async def _save_acks(
        self, executor: Executor, active: Callable[[], SegmentName | None]
    ) -> None:
        """Write down what is done. Not synced: after a power cut some work is repeated."""
        for segment in self._backlog.segments():
            offsets = segment.unsaved_acks
            if not offsets or (segment.finished and segment.name != active()):
                continue
            segment.unsaved_acks = []
            saved = await self._attempt(
                executor, self._append_acks, segment.name, segment.ack_bytes, offsets
            )
            if saved is None:
                segment.unsaved_acks = offsets + segment.unsaved_acks
            else:
                segment.ack_bytes = saved

    def _append_acks(self, name: SegmentName, at: int, offsets: list[int]) -> int:
        path = self._folder / name.acks
        try:
            descriptor = self._files.open(path, write=True)
        except FileNotFoundError:
            descriptor = self._files.create(path)
        try:
            return write_fully(self._files, descriptor, [encode_acks(name.nonce, offsets)], at)
        finally:
            self._files.close(descriptor)

    async def _delete_finished(
        self, executor: Executor, active: Callable[[], SegmentName | None]
    ) -> None:
        for segment in self._backlog.segments():
            if segment.finished and segment.name != active():
                if await self._attempt(executor, self._delete, segment.name) is None:
                    return
                self._backlog.forget(segment)

    def _delete(self, name: SegmentName) -> bool:
        """The records first: a side file alone is harmless, records without it are done twice."""
        with suppress(FileNotFoundError):
            self._files.remove(self._folder / name.data)
        with suppress(FileNotFoundError):
            self._files.remove(self._folder / name.acks)
        return True

    # -- into the quarantine --------------------------------------------------------------------

    async def quarantine(
        self, executor: Executor, place: Place, header: ItemHeader, reason: str, detail: str
    ) -> None:
        """Set an item aside durably; without room it stays in the spool and is tried again."""
        aside = _Aside(place, header.item_id, reason, detail, header.source)
        if not await self._set_aside(executor, aside):
            self._keep(aside, place.segment.lengths[place.at])

    def damaged(self, place: Place, loaded: Loaded) -> None:
        """A record was not what was written; it is set aside at the next turn of `run`."""
        start = place.segment.starts[place.at]
        origin = f"{place.segment.name.stem}-{start}"
        if loaded.fault == "header_unknown":
            detail = "the record is sound, but its header is of no form this release knows"
            aside = _Aside(
                place, f"header-{origin}", "header_unknown", detail, None, SpoolHeaderUnknown
            )
        else:
            detail = "the record read back is not what was written"
            source = loaded.header.source if loaded.header else None
            aside = _Aside(
                place, f"corrupt-{origin}", "corrupt", detail, source, SpoolRecordCorrupt
            )
        self._aside.append(aside)
        self._wakeup.set()

    def _keep(self, aside: _Aside, size: int) -> None:
        self._aside.append(aside)
        if not self.quarantine_full:
            self._observer.emit(SpoolQuarantineFull(aside.reason, size))
        self.quarantine_full = True

    async def _retry_aside(self, executor: Executor) -> None:
        while self._aside:
            aside = self._aside.pop(0)
            if not await self._set_aside(executor, aside):
                self._keep(aside, aside.place.segment.lengths[aside.place.at])
                break
        held = any(segment.damaged for segment in self._backlog.segments())
        self.quarantine_full = bool(held or self._aside)

    async def _set_aside(self, executor: Executor, aside: _Aside) -> bool:
        name = aside.place.segment.name
        span = aside.place.span
        size = span.end - span.start
        entry = QuarantineEntry(
            aside.item_id, aside.reason, aside.detail, self._site.clock(), aside.source, size
        )
        content = chunks_of(self._files, self._folder / name.data, *span)
        async with self._store_lock:
            try:
                await self._in_thread(executor, self._store.add, entry, content)
            except (QuarantineFull, OSError):
                return False
        if self._backlog.finish(aside.place):
            if aside.fault is None:
                self._observer.emit(SpoolQuarantined(aside.reason, size))
            else:
                self._observer.emit(aside.fault(name.sequence, span.start, size))
        self._wakeup.set()
        return True

    async def _retry_damaged(self, executor: Executor) -> None:
        for segment in self._backlog.segments():
            while segment.damaged:
                span = segment.damaged[0]
                try:
                    await self._in_thread(executor, self._keep_damage, segment, span)
                except (QuarantineFull, OSError):
                    return
                segment.damaged.pop(0)
                segment.unsaved_acks.append(span.start)
                self._observer.emit(
                    SpoolRecordCorrupt(segment.name.sequence, span.start, span.end - span.start)
                )
        self.quarantine_full = bool(self._aside)

    def _keep_damage(self, segment: Segment, span: Span) -> None:
        set_aside_damage(self._site, self._store, segment.name, span)

    # -- back from it, and what else changes under us -------------------------------------------

    async def _look_around(self, executor: Executor, append: Append) -> None:
        free = await self._attempt(executor, self._files.free_bytes, self._folder)
        self.free_bytes = free if free is not None else 0
        async with self._store_lock:
            await self._attempt(executor, self._store.refresh)
            if self.quarantine_full:
                await self._retry_damaged(executor)
        names = await self._attempt(executor, self._files.names, self._site.requeue)
        await self._take_all_back(executor, append, sorted(filter(id_of, names or ())))

    async def _take_all_back(
        self, executor: Executor, append: Append, names: Sequence[str]
    ) -> None:
        items = size = 0
        for name in names:
            try:
                taken = await self._take_back(executor, append, self._site.requeue / name)
            except (SpoolFull, SpoolFault):
                break
            if taken is not None:
                items += 1
                size += taken
        if items:
            self._observer.emit(SpoolRequeued(items, size))

    async def _take_back(self, executor: Executor, append: Append, path: Path) -> int | None:
        """Make an item durable in the spool, then remove its file; the bytes of its body."""
        data = await self._attempt(executor, read_whole, self._files, path)
        if data is None:
            return None
        loaded = decode(data, None)
        if loaded.header is None or loaded.fault:
            # Nothing but a hand-made file: it goes back to where the operator sees it.
            await self._attempt(
                executor, self._files.rename, path, self._site.quarantine / path.name
            )
            self._observer.emit(SpoolUpkeepFailed("requeued_file_is_no_record"))
            return None
        await append(loaded.header, [loaded.body])
        await self._attempt(executor, self._files.remove, path)
        return len(loaded.body)

    async def _attempt(
        self, executor: Executor, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        """The result of disk work, or None if the disk refused; said once, not every time."""
        try:
            result = await self._in_thread(executor, work, *args, **kwargs)
        except OSError as error:
            if self._last_error != (word := error_word(error)):
                self._last_error = word
                self._observer.emit(SpoolUpkeepFailed(word))
            return None
        self._last_error = ""
        return result

    async def _in_thread(
        self, executor: Executor, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(executor, lambda: work(*args, **kwargs))
