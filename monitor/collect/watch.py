"""What every watched folder has in common: files that rest, a spool that may not take them now."""

import errno
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic

from monitor.collect.events import FolderUnavailable, FolderWaiting, IntakeFault, Refusal
from monitor.collect.shelf import Entry, Stamp
from monitor.collect.sink import Sink
from monitor.errors import SpoolFault, SpoolFull
from monitor.model import ItemHeader
from monitor.observe import Observer


class NotNow(Exception):
    """The spool does not take the item: try again at the next look."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Resting:
    """Since when each file has been as it is; by our own clock, a copied file keeps its old."""

    def __init__(self, settle_seconds: float) -> None:
        self._settle_seconds = settle_seconds
        self._seen: dict[str, tuple[Stamp, float]] = {}

    def remember(self, entries: Mapping[str, Entry]) -> None:
        """What lies there at this look, by names of our choice; all else is forgotten."""
        at, before = monotonic(), self._seen
        self._seen = {}
        for key, entry in entries.items():
            stamp, since = before.get(key, (entry.stamp, at))
            self._seen[key] = (entry.stamp, since if stamp == entry.stamp else at)

    def age(self, key: str) -> float:
        """Seconds without a change."""
        return monotonic() - self._seen[key][1]

    def is_settled(self, key: str) -> bool:
        return self.age(key) >= self._settle_seconds


class FolderWatch:
    """One folder's looks: whatever goes wrong is said once, and the next look tries again."""

    def __init__(self, source: str, sink: Sink, observer: Observer) -> None:
        self._source, self._sink, self._observer = source, sink, observer
        self._waiting: Refusal | None = None

    async def look(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one look's work; whether it was done to its end."""
        try:
            await work()
        except NotNow as wait:
            self._wait(wait.refusal)
        except OSError as error:
            word = errno.errorcode.get(error.errno or 0, type(error).__name__)
            self._observer.emit(FolderUnavailable(self._source, word))
        else:
            self._waiting = None
            return True
        return False

    async def append(self, header: ItemHeader, chunks: Sequence[bytes]) -> None:
        """Make an item durable; raises NotNow where the spool does not take it."""
        try:
            await self._sink(header, chunks)
        except SpoolFull:
            raise NotNow(Refusal.SPOOL_FULL) from None
        except SpoolFault:
            raise NotNow(Refusal.SPOOL_FAULT) from None
        except Exception as error:
            self._observer.emit(IntakeFault(type(error).__name__))
            raise NotNow(Refusal.FAULT) from error

    def _wait(self, refusal: Refusal) -> None:
        if self._waiting is not refusal:
            self._observer.emit(FolderWaiting(self._source, refusal.value))
        self._waiting = refusal
