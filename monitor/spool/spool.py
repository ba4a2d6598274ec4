"""The spool: the durable hand-over between intake and everything after it.

`append` queues; one committer makes everything queued durable with one write and one sync in a
thread, while the next group gathers; `take` reads back from disk, oldest first. What is
acknowledged survives kill -9 and power loss; what is not can be refused or lost, because the
sender still has it. Form on disk: record.py and segment.py; reasons: docs/decisions/0002-spool.md.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from monitor.clock import Clock, now
from monitor.errors import SpoolFault, SpoolFull, UserError
from monitor.model import ItemHeader
from monitor.observe import Observer
from monitor.settings import SpoolSettings
from monitor.spool.commit import Committed, Entry, Writer
from monitor.spool.events import (
    SpoolAcceptsAgain,
    SpoolOpened,
    SpoolPushesBack,
    SpoolSegmentAbandoned,
    SpoolWriteFailed,
)
from monitor.spool.files import Files, OsFiles
from monitor.spool.quarantine import QuarantineStore
from monitor.spool.reader import ReadBounds, Reader, Spooled
from monitor.spool.record import MAX_HEADER_BYTES, PREFIX_BYTES, micros
from monitor.spool.recovery import Recovered, Recovery
from monitor.spool.site import Site
from monitor.spool.upkeep import Upkeep

GROUP_BYTES: Final = 16 * 1024 * 1024
GROUP_ITEMS: Final = 512
OUTSTANDING: Final = ReadBounds(items=512, bytes=256 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class SpoolStats:
    """What is in the spool now."""

    items: int
    """Items that are not done, handed out ones included."""
    bytes: int
    """Length of their records."""
    disk_bytes: int
    """Length of the segment files: what `max_bytes` bounds."""
    free_bytes: int
    """Of the file system, as of about a second ago."""
    oldest_age_seconds: float | None
    """Since the receipt of the first item that is not done; None when there is none."""
    quarantine_items: int
    refusing: str | None
    """The limit that the last item was refused for, until one is taken again."""


class _Pending(NamedTuple):
    header: ItemHeader
    entry: Entry
    durable: "asyncio.Future[None]"


class Spool:
    """A directory of segments, owned by one process; made by `Spool.open`."""

    def __init__(
        self,
        site: Site,
        lock: int,
        recovered: Recovered,
        store: QuarantineStore,
        outstanding: ReadBounds,
    ) -> None:
        self._site = site
        self._lock = lock
        self._store = store
        self._backlog = recovered.backlog
        self._writer = Writer(
            site.files,
            site.segments,
            site.settings.segment_bytes,
            recovered.next_sequence,
            recovered.before,
        )
        self._upkeep = Upkeep(site, self._backlog, store)
        self._reader = Reader(site, self._backlog, outstanding, self._upkeep.damaged)
        self._queue: deque[_Pending] = deque()
        self._queued_bytes = 0
        """Bytes given to `append` that are not on disk yet, the group being written included."""
        self._wakeup = asyncio.Event()
        self._stopped = asyncio.Event()
        self._close_lock = asyncio.Lock()
        self._running = False
        self._closing = False
        self._pushing: str | None = None
        self._commit_thread = ThreadPoolExecutor(1, "spool-commit")
        self._disk_threads = ThreadPoolExecutor(2, "spool-disk")

    @classmethod
    def open(
        cls,
        directory: Path,
        settings: SpoolSettings,
        observer: Observer,
        *,
        files: Files | None = None,
        clock: Clock = now,
        outstanding: ReadBounds = OUTSTANDING,
    ) -> "Spool":
        """Take the directory, made if missing, and recover what is in it.

        UserError if another process has it or it cannot be used.
        """
        site = Site(directory, settings, observer, files or OsFiles(), clock)
        lock = _lock(site.files, directory)
        try:
            for folder in (site.segments, site.quarantine, site.requeue):
                site.files.make_directory(folder)
            site.files.sync_directory(directory)
            with suppress(PermissionError):  # one that was there before may be closed to us
                site.files.sync_directory(directory.parent)
            store = QuarantineStore(site)
            store.sweep()
            store.refresh()
            recovered = Recovery(site, store).run()
            spool = cls(site, lock, recovered, store, outstanding)
        except OSError as error:
            site.files.close(lock)
            raise _unusable(directory, error) from error
        backlog = recovered.backlog
        segments = len(backlog.segments())
        observer.emit(SpoolOpened(backlog.items, backlog.item_bytes, segments))
        return spool

    async def run(self) -> None:
        """Commit, read ahead and keep house until `close`; required for all that follows."""
        if self._closing:
            return
        self._running = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._reader.run(self._disk_threads), name="spool-reader")
                group.create_task(
                    self._upkeep.run(
                        self._disk_threads,
                        lambda: self._writer.active,
                        partial(self._append, returning=True),
                    ),
                    name="spool-upkeep",
                )
                try:
                    await self._commit_groups()
                finally:
                    self._upkeep.stop()
                    self._reader.stop()
        finally:
            self._closing = True
            self._refuse(list(self._queue), SpoolFault("the spool is closing"))
            self._queue.clear()
            self._stopped.set()

    async def append(self, header: ItemHeader, body: Sequence[bytes]) -> None:
        """Return when the item is durable. The body's chunks must not change until then.

        SpoolFull when there is no room for it, SpoolFault when the disk fails or on closing.
        """
        await self._append(header, body, returning=False)

    async def _append(self, header: ItemHeader, body: Sequence[bytes], *, returning: bool) -> None:
        """`returning` from the quarantine: then a full quarantine is no reason to refuse."""
        data = header.model_dump_json().encode()
        size = PREFIX_BYTES + len(data) + sum(map(len, body))
        if self._upkeep.quarantine_full and not returning:
            self._push_back("quarantine")
        self._admit(size, len(data))
        durable = asyncio.get_running_loop().create_future()
        entry = Entry(data, micros(header.received_at), body, size)
        self._queue.append(_Pending(header, entry, durable))
        self._queued_bytes += size
        self._wakeup.set()
        await durable

    async def take(self) -> Spooled:
        """The oldest item not handed out yet; waits for one. SpoolFault once closed."""
        return await self._reader.take()

    def done(self, spooled: Spooled) -> None:
        """The item's work is recorded elsewhere; it need not be kept."""
        if not self._reader.release(spooled):
            return
        if self._backlog.finish(spooled.place) and spooled.place.segment.finished:
            self._upkeep.wake()
            self._wakeup.set()

    def retry(self, spooled: Spooled, delay_seconds: float = 1.0) -> None:
        """Hand the item out again, not before the delay."""
        self._reader.put_back(spooled, delay_seconds)

    async def quarantine(self, spooled: Spooled, reason: str, detail: str) -> None:
        """Set the item aside with a reason (a word of a bounded list) and a detail for people.

        When the quarantine has no room, the item stays in the spool, intake is refused, and the
        move is tried again until it succeeds.
        """
        if self._reader.release(spooled):
            await self._upkeep.quarantine(
                self._disk_threads, spooled.place, spooled.header, reason, detail
            )

    def stats(self) -> SpoolStats:
        """What is in the spool; touches no disk."""
        oldest = self._backlog.oldest()
        age = None if oldest is None else max(0.0, self._site.clock().timestamp() - oldest)
        return SpoolStats(
            items=self._backlog.items,
            bytes=self._backlog.item_bytes,
            disk_bytes=self._backlog.disk_bytes,
            free_bytes=self._upkeep.free_bytes,
            oldest_age_seconds=age,
            quarantine_items=self._store.items,
            refusing=self._pushing,
        )

    async def close(self) -> None:
        """Make durable what is queued, save what is done, and give the directory up."""
        self._closing = True
        self._wakeup.set()
        async with self._close_lock:
            if self._lock >= 0:
                await self._close()

    async def _close(self) -> None:
        if self._running:
            await self._stopped.wait()
        else:
            self._reader.stop()
            self._refuse(list(self._queue), SpoolFault("the spool is closing"))
            self._queue.clear()
            self._stopped.set()
        await asyncio.to_thread(self._commit_thread.shutdown)
        self._writer.retire()
        await self._upkeep.tidy(self._disk_threads, lambda: None)
        await asyncio.to_thread(self._disk_threads.shutdown)
        self._site.files.close(self._lock)
        self._lock = -1

    # -- intake ---------------------------------------------------------------------------------

    def _admit(self, size: int, header_bytes: int) -> None:
        if self._closing:
            raise SpoolFault("the spool is closing")
        if header_bytes > MAX_HEADER_BYTES:
            raise SpoolFault("the item's header is past any sense")
        ahead = self._queued_bytes + size
        if self._backlog.disk_bytes + ahead > self._site.settings.max_bytes:
            self._push_back("bytes")
        if self._upkeep.free_bytes - ahead < self._site.settings.min_free_bytes:
            self._push_back("disk")

    def _push_back(self, limit: str) -> None:
        self._say_pushing(limit)
        self._wakeup.set()
        raise SpoolFull(f"the spool has no room ({limit})")

    def _say_pushing(self, limit: str | None) -> None:
        if limit == self._pushing:
            return
        self._pushing = limit
        self._site.observer.emit(SpoolPushesBack(limit) if limit else SpoolAcceptsAgain())

    # -- committing -----------------------------------------------------------------------------

    async def _commit_groups(self) -> None:
        while self._queue or not self._closing:
            if self._queue:
                await self._commit(self._gather())
            else:
                self._retire_if_full()
                self._wakeup.clear()
                await self._wakeup.wait()

    def _gather(self) -> list[_Pending]:
        """Everything queued, up to what one group may be; whoever gave up is left out."""
        group: list[_Pending] = []
        size = 0
        limit = min(GROUP_BYTES, self._site.settings.segment_bytes)
        while self._queue and len(group) < GROUP_ITEMS:
            pending = self._queue[0]
            if group and size + pending.entry.size > limit:
                break
            self._queue.popleft()
            if pending.durable.cancelled():
                self._queued_bytes -= pending.entry.size
                continue
            group.append(pending)
            size += pending.entry.size
        return group

    async def _commit(self, group: list[_Pending]) -> None:
        if not group:
            return
        loop = asyncio.get_running_loop()
        entries = [pending.entry for pending in group]
        try:
            committed = await loop.run_in_executor(
                self._commit_thread, self._writer.commit, entries
            )
        except (SpoolFull, SpoolFault) as error:
            self._report_failure(error, len(group))
            self._refuse(group, error)
        except BaseException:
            self._refuse(group, SpoolFault("the spool has failed"))
            raise
        else:
            self._settle(group, committed)
        self._report_abandoned()

    def _settle(self, group: list[_Pending], committed: Committed) -> None:
        places = self._backlog.extend(
            committed.segment,
            committed.size,
            (
                (start, pending.entry.size, pending.entry.received_micros / 1e6)
                for start, pending in zip(committed.starts, group, strict=True)
            ),
        )
        self._upkeep.free_bytes = committed.free_bytes
        for place, (header, entry, durable) in zip(places, group, strict=True):
            self._reader.remember(place, header, entry.body)
            self._queued_bytes -= entry.size
            if not durable.done():
                durable.set_result(None)
        self._say_pushing(None)
        self._reader.wake()

    def _refuse(self, group: Sequence[_Pending], error: SpoolFull | SpoolFault) -> None:
        for _, entry, durable in group:
            self._queued_bytes -= entry.size
            if not durable.done():
                durable.set_exception(type(error)(*error.args))

    def _report_failure(self, error: SpoolFull | SpoolFault, items: int) -> None:
        if isinstance(error, SpoolFull):
            self._say_pushing("no_space")
        else:
            cause = error.__cause__
            self._site.observer.emit(SpoolWriteFailed(type(cause or error).__name__, items))

    def _report_abandoned(self) -> None:
        for abandoned in self._writer.abandoned:
            self._site.observer.emit(SpoolSegmentAbandoned(abandoned.sequence, abandoned.error))
        self._writer.abandoned.clear()

    def _retire_if_full(self) -> None:
        """Give up a current segment whose items are all done, when its bytes are needed."""
        active = self._backlog.newest()
        if active is None or active.name != self._writer.active or not active.finished:
            return
        if self._backlog.disk_bytes * 2 > self._site.settings.max_bytes or self._pushing:
            self._writer.retire()
            self._upkeep.wake()


def _lock(files: Files, directory: Path) -> int:
    try:
        files.make_directory(directory)
        return files.lock(directory / "lock")
    except BlockingIOError as error:
        raise UserError(
            f"the spool {directory} is in use by another congvu process: stop that one, or give "
            "this one another state directory"
        ) from error
    except OSError as error:
        raise _unusable(directory, error) from error


def _unusable(directory: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    return UserError(f"the spool {directory} cannot be opened: {reason} ({error.filename})")
