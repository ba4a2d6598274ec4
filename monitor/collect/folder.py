"""The intake of a watched document folder: a manifest says what its files are.

A file is taken when a manifest names it and both have been unchanged for `settle_seconds` (and,
where the manifest gives size or SHA-256, match). It is made durable first and moved to `done/`
then; a crash in between repeats the first under the same identifier. What cannot be taken goes to
`rejected/` with its reason beside it. Formats: see `monitor.collect.manifest`.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic

from monitor.clock import Clock, now, vietnam_day
from monitor.collect.events import (
    DocumentCaptured,
    DocumentRejected,
    Rejection,
)
from monitor.collect.ledger import Ledger
from monitor.collect.manifest import (
    MAX_MANIFEST_BYTES,
    BadRow,
    Manifest,
    ManifestRejected,
    Row,
    canonical,
    is_manifest,
    parse,
)
from monitor.collect.reasons import Reason
from monitor.collect.shelf import (
    DONE,
    REJECTED,
    Content,
    Entry,
    FileChanged,
    FileRejected,
    Shelf,
    Stamp,
)
from monitor.collect.sink import Sink
from monitor.collect.watch import FolderWatch, Resting
from monitor.model import ItemHeader, PayloadKind
from monitor.observe import Event, Observer
from monitor.settings import FolderSource

_ORPHANS = "orphans"


@dataclass
class _Batch:
    """A manifest that is being worked off."""

    name: str
    """Of the sub-folder that its files go to."""
    manifest: Manifest
    since: float
    """Monotonic time of its first reading."""
    settled: set[int] = field(default_factory=set)
    """Numbers of the rows that are done with."""

    @property
    def open_rows(self) -> list[Row | BadRow]:
        rows: list[Row | BadRow] = [*self.manifest.rows, *self.manifest.bad_rows]
        return [row for row in rows if row.number not in self.settled]


@dataclass(frozen=True)
class _View:
    """What lies in the folder at one look."""

    entries: tuple[Entry, ...]
    by_name: dict[str, Entry]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "_View":
        kept = tuple(entries)
        # Two names that differ in composition only: the composed one, which sorts last, wins.
        by_name = {canonical(entry.name): entry for entry in kept}
        return cls(kept, by_name | {entry.name: entry for entry in kept})

    def find(self, name: str) -> Entry | None:
        return self.by_name.get(name)


class FolderIntake:
    """Watches one folder until cancelled."""

    def __init__(
        self,
        folder: FolderSource,
        sink: Sink,
        state_dir: Path,
        looked: Callable[[str], None],
        observer: Observer,
        clock: Clock = now,
    ) -> None:
        """`looked` is told the source's name after each look that went well."""
        self._folder = folder
        self._looked = looked
        self._observer = observer
        self._clock = clock
        self._shelf = Shelf(folder.path)
        self._ledger = Ledger(state_dir / f"folder-{folder.name}.ledger")
        self._watch = FolderWatch(folder.name, sink, observer)
        self._resting = Resting(folder.settle_seconds)
        self._batches: dict[Stamp, _Batch] = {}
        self._loaded = False

    async def run(self) -> None:
        """Look at the folder every `poll_seconds`; a folder that is away is tried again."""
        while True:
            await self.look()
            await asyncio.sleep(self._folder.poll_seconds)

    async def look(self) -> None:
        """One look: take what is complete, set aside what is wrong, leave the rest."""
        if await self._watch.look(self._look):
            self._looked(self._folder.name)

    async def _look(self) -> None:
        if not self._loaded:
            await asyncio.to_thread(self._ledger.load, self._today())
            self._loaded = True
        view = _View.of(await asyncio.to_thread(self._shelf.scan))
        self._remember(view)
        await self._work_off(view)

    async def _work_off(self, view: _View) -> None:
        waited_for: set[str] = set()
        all_read = True
        for entry in view.entries:
            if not is_manifest(entry.name):
                continue
            if not self._is_settled(entry):
                all_read = False
                continue
            try:
                waited_for |= await self._work_manifest(entry, view)
            except FileChanged:
                all_read = False
        if all_read:
            await self._put_orphans_away(view, waited_for)

    # -- one manifest ---------------------------------------------------------------------------

    async def _work_manifest(self, entry: Entry, view: _View) -> set[str]:
        """Work off what can be; the names of the files that it still waits for."""
        try:
            batch = await self._batch(entry)
        except (FileRejected, ManifestRejected) as error:
            name = _batch_name(entry.name, str(entry.stamp).encode())
            await self._reject(entry, name, error.reason)
            return set()
        for row in batch.open_rows:
            try:
                if await self._settle(batch, row, view):
                    batch.settled.add(row.number)
            except FileRejected as error:
                await self._set_row_aside(batch, row, view, error.reason)
            except FileChanged:
                continue
        if not batch.open_rows:
            await asyncio.to_thread(self._shelf.put_away, entry, DONE, batch.name)
        return {canonical(row.file_name) for row in batch.open_rows if row.file_name}

    async def _batch(self, entry: Entry) -> _Batch:
        known = self._batches.get(entry.stamp)
        if known:
            return known
        content = await asyncio.to_thread(self._shelf.read, entry, MAX_MANIFEST_BYTES)
        data = b"".join(content.chunks)
        manifest = await asyncio.to_thread(parse, entry.name, data)
        batch = _Batch(_batch_name(entry.name, data), manifest, monotonic())
        self._batches[entry.stamp] = batch
        return batch

    # -- one row --------------------------------------------------------------------------------

    async def _settle(self, batch: _Batch, row: Row | BadRow, view: _View) -> bool:
        """Take a row's file if it is complete; whether the row is done with."""
        if isinstance(row, BadRow):
            raise FileRejected(row.reason)
        if row.claim.agency not in self._folder.agencies:
            raise FileRejected(Reason(Rejection.AGENCY_NOT_ALLOWED, f"row {row.number}"))
        late = monotonic() - batch.since > self._folder.orphan_seconds
        entry = view.find(row.file_name)
        if entry is None:
            return self._settle_missing(row, late=late)
        growing = row.size is not None and entry.stamp.size < row.size and not late
        if growing or not self._is_settled(entry):
            return False
        await self._take(batch, row, entry)
        return True

    def _settle_missing(self, row: Row, *, late: bool) -> bool:
        taken = self._ledger.has_row(row.key(self._folder.name))
        if late and not taken:
            raise FileRejected(Reason(Rejection.FILE_MISSING, f"row {row.number}"))
        return taken

    async def _take(self, batch: _Batch, row: Row, entry: Entry) -> None:
        content = await asyncio.to_thread(self._shelf.read, entry, self._folder.max_file_bytes)
        _check_against(row, content)
        row_key = row.key(self._folder.name)
        item_id = row.item_id(self._folder.name, content.sha256)
        if not self._ledger.has_item(row_key, item_id):
            await self._append(row, item_id, content)
            await asyncio.to_thread(self._ledger.add, self._today(), row_key, item_id)
            self._emit(DocumentCaptured(self._folder.name, content.size))
        await asyncio.to_thread(self._shelf.put_away, entry, DONE, batch.name)

    async def _append(self, row: Row, item_id: str, content: Content) -> None:
        header = ItemHeader(
            item_id=item_id,
            kind=PayloadKind.DOCUMENT,
            source=self._folder.name,
            channel=self._folder.channel,
            received_at=self._clock(),
            size=content.size,
            claim=row.claim,
        )
        await self._watch.append(header, content.chunks)

    # -- setting aside --------------------------------------------------------------------------

    async def _set_row_aside(
        self, batch: _Batch, row: Row | BadRow, view: _View, reason: Reason
    ) -> None:
        entry = view.find(canonical(row.file_name)) if row.file_name else None
        if entry:
            await self._reject(entry, batch.name, reason)
        else:
            await asyncio.to_thread(self._shelf.note, batch.name, f"row-{row.number}", reason)
            self._emit(DocumentRejected(self._folder.name, reason.rejection.value))
        batch.settled.add(row.number)

    async def _reject(self, entry: Entry, batch: str, reason: Reason) -> None:
        await asyncio.to_thread(self._shelf.put_away, entry, REJECTED, batch, reason)
        self._emit(DocumentRejected(self._folder.name, reason.rejection.value))

    async def _put_orphans_away(self, view: _View, waited_for: set[str]) -> None:
        """Files that no manifest names; folders of others are none of our business."""
        for entry in view.entries:
            expected = canonical(entry.name) in waited_for or is_manifest(entry.name)
            if (
                expected
                or entry.folder
                or self._resting.age(entry.name) <= self._folder.orphan_seconds
            ):
                continue
            try:
                await self._reject(entry, _ORPHANS, Reason(Rejection.ORPHAN))
            except FileChanged:
                continue

    # -- time and memory ------------------------------------------------------------------------

    def _remember(self, view: _View) -> None:
        self._resting.remember({entry.name: entry for entry in view.entries})
        stamps = {entry.stamp for entry in view.entries}
        self._batches = {stamp: one for stamp, one in self._batches.items() if stamp in stamps}

    def _is_settled(self, entry: Entry) -> bool:
        return self._resting.is_settled(entry.name)

    def _today(self) -> date:
        return vietnam_day(self._clock())

    def _emit(self, event: Event) -> None:
        self._observer.emit(event)


def _check_against(row: Row, content: Content) -> None:
    if row.size is not None and row.size != content.size:
        detail = f"row {row.number}: {row.size}; file: {content.size}"
        raise FileRejected(Reason(Rejection.SIZE_MISMATCH, detail))
    if row.sha256 is not None and row.sha256 != content.sha256:
        raise FileRejected(Reason(Rejection.HASH_MISMATCH, f"row {row.number}"))


def _batch_name(manifest_name: str, data: bytes) -> str:
    """Sub-folder for a manifest's files: its name, and its content in short."""
    digest = hashlib.sha256(data).hexdigest()[:12]
    stem = manifest_name.encode(errors="replace")[:200].decode(errors="ignore")
    return f"{stem}.{digest}"
