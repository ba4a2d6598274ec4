"""Making groups of records durable: one vectored write and one sync for all of a group.

The writer is used by one worker thread at a time and keeps no index. What the disk refuses is
undone: a half-written group is cut off, or its segment is left for good, so that no sound record
ever follows a half one. A failed fsync is never repeated on the same file: the kernel may have
dropped the pages and would answer that all is well. The group goes into a new segment instead.
"""

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from monitor.errors import SpoolFault, SpoolFull
from monitor.spool.files import Files, write_fully
from monitor.spool.record import NONCE_BYTES, encode
from monitor.spool.segment import HEADER_BYTES, Link, SegmentName, encode_header

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


class Entry(NamedTuple):
    """One record to be written."""

    header: bytes
    received_micros: int
    body: Sequence[bytes]
    size: int
    """Length of the whole record."""


class Committed(NamedTuple):
    """Where a group now is; it is durable."""

    segment: SegmentName
    starts: tuple[int, ...]
    size: int
    """Length of the segment."""
    free_bytes: int


class Abandoned(NamedTuple):
    """A segment that is left for good, and why."""

    sequence: int
    error: str


@dataclass
class _Open:
    name: SegmentName
    descriptor: int
    size: int


class _SyncFailed(Exception):
    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Writer:
    """Appends groups to segment files."""

    def __init__(
        self,
        files: Files,
        folder: Path,
        segment_bytes: int,
        next_sequence: int,
        before: Link | None,
    ) -> None:
        self._files = files
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._next_sequence = next_sequence
        self._before = before
        self._open: _Open | None = None
        self.abandoned: list[Abandoned] = []
        """Grows as segments are given up; the reader of it empties it."""

    def commit(self, group: Sequence[Entry]) -> Committed:
        """Write a group and make it durable; SpoolFull or SpoolFault if none of it is."""
        try:
            return self._commit(group)
        except _SyncFailed:
            pass
        try:
            return self._commit(group)
        except _SyncFailed as failure:
            raise SpoolFault(f"the disk does not sync: {failure.cause}") from failure

    @property
    def active(self) -> SegmentName | None:
        """The segment that a group may extend; one that is left is never taken up again."""
        return self._open.name if self._open else None

    def retire(self) -> None:
        """Leave the current segment; the next group starts a new one."""
        if self._open:
            self._before = Link(self._open.name.nonce, self._open.size)
            with suppress(OSError):
                self._files.close(self._open.descriptor)
            self._open = None

    def _commit(self, group: Sequence[Entry]) -> Committed:
        total = sum(entry.size for entry in group)
        current = self._open
        if current and current.size + total > self._segment_bytes:
            self.retire()
        if self._open is None:
            return self._begin(group)
        return self._extend(self._open, group)

    def _extend(self, segment: _Open, group: Sequence[Entry]) -> Committed:
        try:
            end = write_fully(
                self._files, segment.descriptor, _buffers(segment.name.nonce, group), segment.size
            )
        except OSError as error:
            self._undo(segment, error)
            raise _refusal(error) from error
        try:
            self._files.sync(segment.descriptor)
        except OSError as error:
            self._abandon(segment, error)
            raise _SyncFailed(error) from error
        return self._committed(segment, group, end)

    def _begin(self, group: Sequence[Entry]) -> Committed:
        """A new segment, with its name durable before anything in it is acknowledged."""
        name = SegmentName(self._next_sequence, os.urandom(NONCE_BYTES))
        path = self._folder / name.data
        try:
            descriptor = self._files.create(path)
        except OSError as error:
            raise _refusal(error) from error
        self._next_sequence += 1
        head = encode_header(name.nonce, self._before)
        try:
            end = write_fully(self._files, descriptor, [head, *_buffers(name.nonce, group)], 0)
        except OSError as error:
            self._discard(path, descriptor)
            raise _refusal(error) from error
        try:
            self._files.sync(descriptor)
            self._files.sync_directory(self._folder)
        except OSError as error:
            self._discard(path, descriptor)
            self.abandoned.append(Abandoned(name.sequence, error_word(error)))
            raise _SyncFailed(error) from error
        self._open = _Open(name, descriptor, HEADER_BYTES)
        return self._committed(self._open, group, end)

    def _committed(self, segment: _Open, group: Sequence[Entry], end: int) -> Committed:
        starts: list[int] = []
        at = segment.size
        for entry in group:
            starts.append(at)
            at += entry.size
        segment.size = end
        try:
            free = self._files.free_bytes(self._folder)
        except OSError:
            free = 0
        return Committed(segment.name, tuple(starts), end, free)

    def _undo(self, segment: _Open, error: OSError) -> None:
        """Cut a half-written group off. After anything but a full disk the file is not trusted."""
        if error.errno not in NO_SPACE:
            self._abandon(segment, error)
            return
        try:
            self._files.truncate(segment.descriptor, segment.size)
        except OSError:
            self._abandon(segment, error)

    def _abandon(self, segment: _Open, error: OSError) -> None:
        """The next segment's header says up to where this one counts, even if the cut fails."""
        self.abandoned.append(Abandoned(segment.name.sequence, error_word(error)))
        with suppress(OSError):
            self._files.truncate(segment.descriptor, segment.size)
        self.retire()

    def _discard(self, path: Path, descriptor: int) -> None:
        with suppress(OSError):
            self._files.truncate(descriptor, 0)
        with suppress(OSError):
            self._files.close(descriptor)
        with suppress(OSError):
            self._files.remove(path)


def _buffers(nonce: bytes, group: Sequence[Entry]) -> list[bytes]:
    buffers: list[bytes] = []
    for entry in group:
        buffers.append(encode(nonce, entry.received_micros, entry.header, entry.body))
        buffers.extend(entry.body)
    return buffers


def _refusal(error: OSError) -> SpoolFull | SpoolFault:
    if error.errno in NO_SPACE:
        return SpoolFull("the disk is full")
    return SpoolFault(f"the disk does not write: {error}")


def error_word(error: OSError) -> str:
    """The name of an error number (`EIO`): bounded, fit for an event."""
    return errno.errorcode.get(error.errno or 0, "unknown")
