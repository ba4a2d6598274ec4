"""Mail that is put into a folder: a Maildir, mboxes or single mails.

A file is taken when it is complete: a Maildir's at once, for it is renamed into place; any other
when it has not changed for `settle_seconds`. It leaves its place once all its mail is recorded: a
Maildir's for the folder `.Archive` beside it, which mail programs show; any other for `done/`.
What is no mail goes to `rejected/` with its reason beside it.
"""

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice

from monitor.clock import Clock, now, vietnam_day
from monitor.collect.data import HEADER_BYTES
from monitor.collect.events import DocumentRejected, Rejection
from monitor.collect.mbox import NotAnMbox, mails
from monitor.collect.pulled import HandOver, PulledMail, as_sent, within
from monitor.collect.reasons import Reason
from monitor.collect.recorded import QUESTION_ITEMS, Recorded
from monitor.collect.shelf import DONE, REJECTED, Entry, FileChanged, FileRejected, Shelf, Stamp
from monitor.collect.sink import Sink
from monitor.collect.watch import FolderWatch, NotNow, Resting
from monitor.observe import Observer
from monitor.settings import MailFolderSource

BATCH_MAILS = 64
BATCH_BYTES = 16 * 1024 * 1024
ARCHIVE = ".Archive"
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".lock")
"""Names under which tools write what they rename when it is whole, and locks."""
_INFO = ":2,"
"""What follows in a Maildir's file name is flags, and changes."""
_DELIVERED = re.compile(r"(\d{9,10})\.")
_FIRST_LINE = re.compile(rb"(?:>?From [^\n]*\n)?[\x21-\x39\x3b-\x7e]{1,200}[ \t]*:")


@dataclass
class _File:
    """A file of which mail is taken."""

    stamp: Stamp
    offset: int = 0
    """Up to which an mbox is taken."""
    whole: bool = False
    unsafe: dict[str, None] = field(default_factory=dict)
    """Items of it that are not in the record yet, in order."""


@dataclass(frozen=True)
class _Found:
    """One file as it lies there now."""

    shelf: Shelf
    entry: Entry
    key: str
    """By which it is known, whatever happens to its flags."""


class MailFolderIntake:
    """Watches one folder until cancelled."""

    def __init__(
        self,
        source: MailFolderSource,
        sink: Sink,
        recorded: Recorded,
        looked: Callable[[str], None],
        max_bytes: int,
        observer: Observer,
        clock: Clock = now,
    ) -> None:
        """`looked` is told the source's name after each look that went well."""
        self._source = source
        self._recorded = recorded
        self._looked = looked
        self._max_bytes = max_bytes
        self._observer = observer
        self._clock = clock
        self._give = HandOver(source, sink, recorded, observer, clock).give
        self._maildir = source.format == "maildir"
        path = source.path
        self._shelves = (
            tuple(Shelf(path / name, path, linked=True) for name in ("new", "cur"))
            if self._maildir
            else (Shelf(path),)
        )
        self._files: dict[str, _File] = {}
        self._watch = FolderWatch(source.name, sink, observer)
        self._resting = Resting(0 if self._maildir else source.settle_seconds)

    async def run(self) -> None:
        """Look at the folder every `poll_seconds`; a folder that is away is tried again."""
        while True:
            await self.look()
            await asyncio.sleep(self._source.poll_seconds)

    async def look(self) -> None:
        """One look: put away what is recorded, take what is new and complete."""
        if await self._watch.look(self._work):
            self._looked(self._source.name)

    async def _work(self) -> None:
        found = await asyncio.to_thread(self._scan)
        self._remember(found)
        await self._put_away_recorded(found)
        await self._take_new([one for one in found if self._is_new(one)])

    # -- what lies there ------------------------------------------------------------------------

    def _scan(self) -> list[_Found]:
        return [
            _Found(shelf, entry, self._key(entry.name))
            for shelf in self._shelves
            for entry in shelf.scan()
            if not entry.folder and (self._maildir or not entry.name.endswith(_UNFINISHED))
        ]

    def _key(self, name: str) -> str:
        return name.partition(_INFO)[0] if self._maildir else name

    def _remember(self, found: Sequence[_Found]) -> None:
        """Of files that are gone, or are others by now, nothing is kept."""
        entries = {one.key: one.entry for one in found}
        self._resting.remember(entries)
        self._files = {
            key: file
            for key, file in self._files.items()
            if key in entries and (self._maildir or file.stamp == entries[key].stamp)
        }

    def _is_new(self, one: _Found) -> bool:
        file = self._files.get(one.key)
        if file:
            return not file.whole
        return self._resting.is_settled(one.key)

    # -- taking ---------------------------------------------------------------------------------

    async def _take_new(self, found: Sequence[_Found]) -> None:
        if self._source.format == "mbox":
            for one in found:
                await self._take_box(one)
            return
        batch: list[_Found] = []
        size = 0
        for one in found:
            batch.append(one)
            size += min(one.entry.stamp.size, self._max_bytes)
            if len(batch) >= BATCH_MAILS or size >= BATCH_BYTES:
                await self._take_singles(batch)
                batch, size = [], 0
        await self._take_singles(batch)

    async def _take_singles(self, batch: Sequence[_Found]) -> None:
        read = []
        for one in batch:
            try:
                read.append((one, await asyncio.to_thread(self._single, one)))
            except FileRejected as error:
                await self._reject(one, error.reason)
            except FileChanged:
                continue
        given = await self._give([mail for _, mail in read])
        for (one, _), item_id in zip(read, given.ids, strict=True):
            if item_id:
                self._files[one.key] = _File(one.entry.stamp, whole=True, unsafe={item_id: None})
        if given.refusal:
            raise NotNow(given.refusal)

    def _single(self, one: _Found) -> PulledMail:
        size = one.entry.stamp.size
        if size == 0:
            raise FileRejected(Reason(Rejection.EMPTY))
        if size > self._max_bytes:
            raw = as_sent(one.shelf.head(one.entry, HEADER_BYTES))
        else:
            raw = as_sent(b"".join(one.shelf.read(one.entry, self._max_bytes).chunks))
            size = len(raw)
        if not self._maildir and not _FIRST_LINE.match(raw):
            raise FileRejected(Reason(Rejection.NOT_A_MAIL))
        return within(raw, size, self._max_bytes, self._delivered_at(one.entry))

    def _delivered_at(self, entry: Entry) -> datetime | None:
        """When a Maildir's mail was delivered: by its file's time, or its name's if that is older.

        A copied Maildir may have lost the times of its files. Single mails are an archive's.
        """
        if not self._maildir:
            return None
        written = entry.stamp.modified_ns / 1e9
        named = _DELIVERED.match(entry.name)
        try:
            return datetime.fromtimestamp(min(written, float(named[1]) if named else written), UTC)
        except (OverflowError, ValueError, OSError):
            return None

    async def _take_box(self, one: _Found) -> None:
        file = self._files.setdefault(one.key, _File(one.entry.stamp))
        try:
            while not file.whole:
                batch, offset = await asyncio.to_thread(self._part_of_box, one, file.offset)
                given = await self._give(batch)
                file.unsafe.update(dict.fromkeys(item for item in given.ids if item))
                if given.refusal:
                    raise NotNow(given.refusal)
                file.whole, file.offset = not batch, offset
        except FileRejected as error:
            del self._files[one.key]
            await self._reject(one, error.reason)
        except FileChanged:
            del self._files[one.key]

    def _part_of_box(self, one: _Found, offset: int) -> tuple[list[PulledMail], int]:
        """The next mails from an offset on, none at the end, and where those behind them begin."""
        if one.entry.stamp.size > self._source.max_file_bytes:
            detail = f"{one.entry.stamp.size} > {self._source.max_file_bytes} bytes"
            raise FileRejected(Reason(Rejection.TOO_LARGE, detail))
        part: list[PulledMail] = []
        size = 0
        with one.shelf.opened(one.entry) as file:
            os.lseek(file, offset, os.SEEK_SET)
            try:
                for each in mails(lambda most: os.read(file, most), self._max_bytes, offset):
                    part.append(each.mail)
                    offset = each.end
                    size += len(each.mail.raw)
                    if len(part) >= BATCH_MAILS or size >= BATCH_BYTES:
                        break
            except NotAnMbox:
                raise FileRejected(Reason(Rejection.NOT_AN_MBOX)) from None
        if not offset:
            raise FileRejected(Reason(Rejection.EMPTY))
        return part, offset

    # -- putting away ---------------------------------------------------------------------------

    async def _put_away_recorded(self, found: Sequence[_Found]) -> None:
        await self._ask_the_record()
        for one in found:
            file = self._files.get(one.key)
            if file and file.whole and not file.unsafe:
                try:
                    await asyncio.to_thread(self._put_away, one)
                except FileChanged:
                    continue
                del self._files[one.key]

    async def _ask_the_record(self) -> None:
        waiting = chain.from_iterable(file.unsafe for file in self._files.values())
        ids = tuple(islice(waiting, 5 * QUESTION_ITEMS))  # the oldest; each look asks again
        if not ids:
            return
        safe = await self._recorded(ids)
        for file in self._files.values():
            for item_id in safe & file.unsafe.keys():
                del file.unsafe[item_id]

    def _put_away(self, one: _Found) -> None:
        if not self._maildir:
            one.shelf.put_away(one.entry, DONE, self._today())
            return
        one.shelf.prepare(ARCHIVE, ("new", "cur", "tmp"), "maildirfolder")
        name = one.entry.name
        one.shelf.put_away(one.entry, ARCHIVE, "cur", name=name if _INFO in name else name + _INFO)

    async def _reject(self, one: _Found, reason: Reason) -> None:
        await asyncio.to_thread(one.shelf.put_away, one.entry, REJECTED, self._today(), reason)
        self._observer.emit(DocumentRejected(self._source.name, reason.rejection.value))

    def _today(self) -> str:
        return vietnam_day(self._clock()).isoformat()
