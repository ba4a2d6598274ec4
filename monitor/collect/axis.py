"""The intake of a folder that the document exchange axis leaves its edXML messages in.

A file is taken once it rests: made durable first, moved to `done/` then; a crash in between
repeats it under the same identifier, which follows from source and content alone, so the same
message counts once however often and under whatever name it comes. Files may lie in sub-folders,
one level deep, as exports by the day have them. What cannot be taken goes to `rejected/` with its
reason beside it.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from monitor.clock import Clock, now, vietnam_day
from monitor.collect.axis_archive import messages_of
from monitor.collect.events import DocumentCaptured, DocumentRejected, Rejection
from monitor.collect.identity import derived_item_id
from monitor.collect.reasons import Reason
from monitor.collect.shelf import DONE, REJECTED, Content, Entry, FileChanged, FileRejected, Shelf
from monitor.collect.sink import Sink
from monitor.collect.watch import FolderWatch, Resting
from monitor.model import Channel, ItemHeader, PayloadKind
from monitor.observe import Observer
from monitor.settings import AxisSource

SUFFIXES = frozenset({".edxml", ".xml", ".zip"})
STRAY_SECONDS = 3600.0
"""A file of another name may be one that is still being written; after so long it is none."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The folder itself, whose name is empty, or one of its sub-folders."""

    name: str
    shelf: Shelf

    def key(self, entry: Entry) -> str:
        return f"{self.name}/{entry.name}"


class AxisIntake:
    """Watches one folder until cancelled."""

    def __init__(
        self,
        source: AxisSource,
        sink: Sink,
        looked: Callable[[str], None],
        observer: Observer,
        clock: Clock = now,
    ) -> None:
        """`looked` is told the source's name after each look that went well."""
        self._source = source
        self._looked = looked
        self._observer = observer
        self._clock = clock
        self._watch = FolderWatch(source.name, sink, observer)
        self._resting = Resting(source.settle_seconds)

    async def run(self) -> None:
        """Look at the folder every `poll_seconds`; a folder that is away is tried again."""
        while True:
            await self.look()
            await asyncio.sleep(self._source.poll_seconds)

    async def look(self) -> None:
        """One look: take what is complete, set aside what is wrong, leave the rest."""
        if await self._watch.look(self._look):
            self._looked(self._source.name)

    async def _look(self) -> None:
        found = await asyncio.to_thread(self._scan)
        self._resting.remember({place.key(entry): entry for place, entry in found})
        for place, entry in found:
            with suppress(FileChanged):
                await self._handle(place, entry)

    def _scan(self) -> list[tuple[_Place, Entry]]:
        """The files of the folder and of its sub-folders; deeper ones are nobody's."""
        path = self._source.path
        here = _Place("", Shelf(path))
        entries = here.shelf.scan()
        found = [(here, entry) for entry in entries if not entry.folder]
        for name in (entry.name for entry in entries if entry.folder):
            place = _Place(name, Shelf(path / name, path))
            with suppress(FileNotFoundError, NotADirectoryError):
                found += [(place, entry) for entry in place.shelf.scan() if not entry.folder]
        return found

    # -- one file -------------------------------------------------------------------------------

    async def _handle(self, place: _Place, entry: Entry) -> None:
        key = place.key(entry)
        if PurePosixPath(entry.name).suffix.lower() not in SUFFIXES:
            if self._resting.age(key) > STRAY_SECONDS:
                await self._reject(place, entry, Reason(Rejection.NOT_OF_THE_AXIS))
        elif self._resting.is_settled(key):
            try:
                await self._take(place, entry)
            except FileRejected as error:
                await self._reject(place, entry, error.reason)

    async def _take(self, place: _Place, entry: Entry) -> None:
        most = self._source.max_file_bytes
        content = await asyncio.to_thread(place.shelf.read, entry, most)
        messages = None
        if entry.name.lower().endswith(".zip"):
            messages = await asyncio.to_thread(messages_of, b"".join(content.chunks), most)
        if messages is None:
            await self._append(content)
        else:
            await self._append_each(messages)
        await self._put_away(place, entry, DONE)

    async def _append_each(self, messages: Iterator[bytes]) -> None:
        while (message := await asyncio.to_thread(next, messages, None)) is not None:
            digest = await asyncio.to_thread(hashlib.sha256, message)
            await self._append(Content((message,), len(message), digest.hexdigest()))

    async def _append(self, content: Content) -> None:
        header = ItemHeader(
            item_id=derived_item_id("axis", self._source.name, content.sha256),
            kind=PayloadKind.AXIS,
            source=self._source.name,
            channel=Channel.AXIS,
            received_at=self._clock(),
            size=content.size,
        )
        await self._watch.append(header, content.chunks)
        self._observer.emit(DocumentCaptured(self._source.name, content.size))

    async def _reject(self, place: _Place, entry: Entry, reason: Reason) -> None:
        await self._put_away(place, entry, REJECTED, reason)
        self._observer.emit(DocumentRejected(self._source.name, reason.rejection.value))

    async def _put_away(
        self, place: _Place, entry: Entry, where: str, reason: Reason | None = None
    ) -> None:
        """Under the name of its sub-folder, or of the day."""
        batch = place.name or vietnam_day(self._clock()).isoformat()
        await asyncio.to_thread(place.shelf.put_away, entry, where, batch, reason)
