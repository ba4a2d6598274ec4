"""Walking through a segment file: what is sound, what is damaged, what a crash cut short.

It streams: never more than a fixed window is in memory, however long a record claims to be.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple
from zlib import crc32

from monitor.spool.files import Files
from monitor.spool.record import MAGIC, PREFIX_BYTES, Prefix, decode_prefix
from monitor.spool.segment import Span

WINDOW: Final = 1024 * 1024
_SMALL: Final = 64 * 1024


class Sound(NamedTuple):
    """A record as it was written (as far as was asked to check)."""

    start: int
    prefix: Prefix


class Damaged(NamedTuple):
    """Bytes that are no sound record, although they may have been acknowledged as one."""

    span: Span


class Torn(NamedTuple):
    """The end of a write that a crash cut short: it cannot have been acknowledged."""

    span: Span


Stretch = Sound | Damaged | Torn


class Scan:
    """One pass over the records of a segment file.

    `end` is the length to read up to; `complete` says that everything up to it is known to have
    been durable, so that nothing there can be torn.
    """

    def __init__(
        self, files: Files, descriptor: int, nonce: bytes, end: int, *, complete: bool
    ) -> None:
        self._files = files
        self._descriptor = descriptor
        self._nonce = nonce
        self._end = end
        self._complete = complete
        self._window = b""
        self._window_start = 0

    def stretches(self, start: int, *, check_bodies: bool) -> Iterator[Stretch]:
        """Everything from `start` on, in order and without gaps."""
        at = start
        while at < self._end:
            prefix = decode_prefix(self._peek(at, PREFIX_BYTES), self._nonce)
            if prefix and at + prefix.record_bytes <= self._end:
                after = at + prefix.record_bytes
                sound = not check_bodies or self._is_sound(at, prefix)
                yield Sound(at, prefix) if sound else Damaged(Span(at, after))
            else:
                after = self._resume(at + 1)
                span = Span(at, after)
                torn = after == self._end and not self._complete and self._is_cut(span, prefix)
                yield Torn(span) if torn else Damaged(span)
            at = after

    def _is_cut(self, span: Span, prefix: Prefix | None) -> bool:
        """Is this the start of a record that ends with the file, or space never written?"""
        if prefix is not None:
            return True
        size = span.end - span.start
        if size < PREFIX_BYTES:
            lead = MAGIC + self._nonce
            return self._peek(span.start, size)[: len(lead)] == lead[:size]
        return is_zero(self._files, self._descriptor, span)

    def _is_sound(self, at: int, prefix: Prefix) -> bool:
        body_at = at + PREFIX_BYTES + prefix.header_bytes
        header = self._crc(at + PREFIX_BYTES, prefix.header_bytes)
        return header == prefix.header_crc and self._crc(body_at, prefix.body_bytes) == (
            prefix.body_crc
        )

    def _crc(self, at: int, size: int) -> int:
        if size <= _SMALL:
            return crc32(self._peek(at, size))
        value = 0
        end = at + size
        while at < end:
            data = self._files.read(self._descriptor, min(WINDOW, end - at), at)
            if not data:
                break
            value = crc32(data, value)
            at += len(data)
        return value

    def _resume(self, at: int) -> int:
        """Offset of the next sound record at or after `at`, else the end."""
        mark = MAGIC + self._nonce
        while at < self._end:
            data = self._files.read(self._descriptor, min(WINDOW, self._end - at), at)
            found = data.find(mark)
            if found < 0:
                at += max(len(data) - len(mark) + 1, 1)
                continue
            at += found
            prefix = decode_prefix(self._peek(at, PREFIX_BYTES), self._nonce)
            if prefix and at + prefix.record_bytes <= self._end and self._is_sound(at, prefix):
                return at
            at += 1
        return self._end

    def _peek(self, at: int, size: int) -> bytes:
        """Bytes at an offset through a window, so that small records cost no call each."""
        size = min(size, self._end - at)
        offset = at - self._window_start
        if offset < 0 or offset + size > len(self._window):
            room = min(_SMALL * 2, self._end - at)
            self._window = self._files.read(self._descriptor, max(size, room), at)
            self._window_start = at
            offset = 0
        return self._window[offset : offset + size]


def is_zero(files: Files, descriptor: int, span: Span) -> bool:
    """Is there nothing but zeros, as where a file was lengthened and never written?"""
    at = span.start
    while at < span.end:
        data = files.read(descriptor, min(WINDOW, span.end - at), at)
        if not data or data.count(0) != len(data):
            return False
        at += len(data)
    return True
