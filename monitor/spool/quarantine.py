"""What could not be worked on, kept with its reason until an operator decides.

`quarantine/<id>.item` is the record as it was in its segment (or the raw bytes of a corrupt
stretch), `<id>.json` says why. The `.item` is renamed into place last and renamed away first: an
entry exists exactly when its `.item` does. To requeue is to move the `.item` to `requeue/`, from
where a running spool takes it, so an operator's command needs no talk with the daemon.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from monitor.errors import UserError
from monitor.model import ItemHeader
from monitor.spool.files import Files, OsFiles, write_durably
from monitor.spool.record import decode
from monitor.spool.site import Site

QUARANTINE: Final = "quarantine"
REQUEUE: Final = "requeue"
_ID: Final = re.compile(r"^[0-9a-z][0-9a-z-]{0,79}$")
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """One thing in the quarantine."""

    item_id: str
    reason: str
    detail: str
    at: datetime
    source: str | None
    size: int
    """Bytes of the `.item` file."""


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """An entry with its content; a corrupt one has no header, and its raw bytes as body."""

    entry: QuarantineEntry
    header: ItemHeader | None
    body: bytes


def item_name(item_id: str) -> str:
    """File name of an entry's content."""
    return item_id + ".item"


def id_of(name: str) -> str | None:
    """The entry that a file name is the content of, or None."""
    stem = name.removesuffix(".item")
    return stem if stem != name and _ID.match(stem) else None


def read_whole(files: Files, path: Path) -> bytes:
    """A file's content."""
    descriptor = files.open(path)
    try:
        return files.read(descriptor, files.size(descriptor), 0)
    finally:
        files.close(descriptor)


class Quarantine:
    """The operator's side: usable from another process while the daemon runs.

    `directory` is the spool's own. Every method raises UserError for a wrong id or folder.
    """

    def __init__(self, directory: Path, files: Files | None = None) -> None:
        self._files = files or OsFiles()
        self._folder = directory / QUARANTINE
        self._requeue = directory / REQUEUE

    def list(self) -> Sequence[QuarantineEntry]:
        """All entries, oldest first."""
        try:
            names = self._files.names(self._folder)
        except OSError as error:
            raise self._no_spool(error) from error
        found = (id_of(name) for name in names)
        entries = [entry for item_id in found if item_id and (entry := self._entry(item_id))]
        return sorted(entries, key=lambda entry: (entry.at, entry.item_id))

    def holding(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids that are entries; none when the folder cannot be read."""
        try:
            names = set(self._files.names(self._folder))
        except OSError:
            return set()
        return {one for one in ids if item_name(one) in names}

    def show(self, item_id: str) -> QuarantinedItem:
        """One entry with its content."""
        entry = self._known(item_id)
        data = read_whole(self._files, self._folder / item_name(item_id))
        loaded = decode(data, None)
        if loaded.fault is None:
            return QuarantinedItem(entry, loaded.header, loaded.body)
        return QuarantinedItem(entry, None, data)

    def requeue(self, item_id: str) -> None:
        """Hand an entry back to the spool, which takes it within seconds or when it next opens."""
        shown = self.show(item_id)
        if shown.header is None:
            raise UserError(
                f"{item_id} cannot be requeued: its bytes are not a whole record "
                f"({shown.entry.reason}); `congvu quarantine show {item_id}` gives them"
            )
        try:
            self._files.rename(
                self._folder / item_name(item_id), self._requeue / item_name(item_id)
            )
            self._files.sync_directory(self._requeue)
            self._files.sync_directory(self._folder)
        except OSError as error:
            raise self._no_spool(error) from error
        with suppress(FileNotFoundError):
            self._files.remove(self._folder / f"{item_id}.json")

    def _known(self, item_id: str) -> QuarantineEntry:
        entry = self._entry(item_id) if _ID.match(item_id) else None
        if entry is None:
            raise UserError(
                f"{item_id}: no such item in {self._folder}; see `congvu quarantine list`"
            )
        return entry

    def _entry(self, item_id: str) -> QuarantineEntry | None:
        try:
            descriptor = self._files.open(self._folder / item_name(item_id))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._no_spool(error) from error
        try:
            size = self._files.size(descriptor)
        finally:
            self._files.close(descriptor)
        return self._described(item_id, size)

    def _described(self, item_id: str, size: int) -> QuarantineEntry:
        try:
            said = json.loads(read_whole(self._files, self._folder / f"{item_id}.json"))
            return QuarantineEntry(
                item_id=item_id,
                reason=str(said["reason"]),
                detail=str(said["detail"]),
                at=datetime.fromisoformat(said["at"]),
                source=said["source"],
                size=size,
            )
        except (OSError, ValueError, KeyError, TypeError):
            # The reason was lost (only by hand); the item itself is still worth showing.
            at = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
            return QuarantineEntry(item_id, "unknown", "its reason file is missing", at, None, size)

    def _no_spool(self, error: OSError) -> UserError:
        return UserError(f"the quarantine in {self._folder} cannot be used: {error.strerror}")


class QuarantineFull(Exception):
    """There is no room within the quarantine's bound."""


class QuarantineStore:
    """The spool's side: puts things in. Used by one worker thread at a time."""

    def __init__(self, site: Site) -> None:
        self._files = site.files
        self._folder = site.quarantine
        self._max_bytes = site.settings.quarantine_max_bytes
        self._sizes: dict[str, int] = {}
        self._total = 0

    @property
    def items(self) -> int:
        """Entries, as of the last refresh or addition."""
        return len(self._sizes)

    def sweep(self) -> None:
        """Remove what an interrupted addition or requeue left; for the opening spool only."""
        names = set(self._files.names(self._folder))
        for name in names:
            orphan = name.endswith(".json") and item_name(name[: -len(".json")]) not in names
            if orphan or name.endswith(".tmp"):
                self._files.remove(self._folder / name)

    def refresh(self) -> None:
        """Look at the folder again: an operator's command may have taken entries out."""
        names = {name for name in self._files.names(self._folder) if id_of(name)}
        for name in self._sizes.keys() - names:
            self._total -= self._sizes.pop(name)
        for name in names - self._sizes.keys():
            with suppress(FileNotFoundError):
                descriptor = self._files.open(self._folder / name)
                self._count(name, self._files.size(descriptor))
                self._files.close(descriptor)

    def has(self, item_id: str) -> bool:
        """Is there such an entry?"""
        return item_name(item_id) in self._sizes

    def room(self, size: int) -> bool:
        """May `size` more bytes come in?"""
        return self._total + size <= self._max_bytes

    def add(self, entry: QuarantineEntry, content: Iterator[bytes]) -> None:
        """Keep the content durably under the entry's id; QuarantineFull, OSError."""
        if not self.has(entry.item_id) and not self.room(entry.size):
            raise QuarantineFull
        said = {
            "reason": entry.reason,
            "detail": entry.detail,
            "at": entry.at.isoformat(),
            "source": entry.source,
            "size": entry.size,
        }
        text = json.dumps(said, ensure_ascii=False).encode()
        write_durably(self._files, self._folder / f"{entry.item_id}.json", [text])
        name = item_name(entry.item_id)
        write_durably(self._files, self._folder / name, content)
        self._files.sync_directory(self._folder)
        self._count(name, entry.size)

    def _count(self, name: str, size: int) -> None:
        self._total += size - self._sizes.get(name, 0)
        self._sizes[name] = size


def chunks_of(files: Files, path: Path, start: int, end: int) -> Iterator[bytes]:
    """A range of a file in pieces of bounded size; it ends early where the file does."""
    descriptor = files.open(path)
    try:
        at = start
        while at < end and (data := files.read(descriptor, min(_CHUNK, end - at), at)):
            yield data
            at += len(data)
    finally:
        files.close(descriptor)
