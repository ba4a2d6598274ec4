"""Mails of an mbox (RFC 4155), one after the other, however large the file.

A mail begins with a line `From ` at the start of the file or behind an empty line, and the empty
line before the next one is not its own. `>From ` is what a writer makes of `From ` in a text (the
mboxrd form undoes it without loss); without undoing it, signatures break.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.collect.data import HEADER_BYTES
from monitor.collect.pulled import PulledMail, as_sent, within

_CHUNK_BYTES = 1024 * 1024
_FROM = b"From "
_NEXT = re.compile(rb"\n\r?\nFrom ")
_OVERLAP = len(b"\n\r\nFrom ") - 1
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LAST_LINE = re.compile(rb"(?<=\n)\r?\n\Z")
_LINE_BYTES = 64 * 1024


class NotAnMbox(Exception):
    """The file does not begin with a `From ` line."""


@dataclass(frozen=True, slots=True)
class BoxMail:
    """One mail of an mbox."""

    mail: PulledMail
    end: int
    """Offset in the file at which the next one begins."""


def mails(read: Callable[[int], bytes], max_bytes: int, offset: int = 0) -> Iterator[BoxMail]:
    """The mails from `offset` on, which is 0 or the `end` of one; `read` gives the bytes there.

    Raises NotAnMbox.
    """
    return _Box(read, max_bytes, offset).mails()


class _Box:
    """What is read of the file and not yet used up."""

    def __init__(self, read: Callable[[int], bytes], max_bytes: int, offset: int) -> None:
        self._read = read
        self._max_bytes = max_bytes
        self._offset = offset
        self._buffer = bytearray()
        self._ended = False

    def mails(self) -> Iterator[BoxMail]:
        while self._buffer or self._fill():
            self._skip_from_line()
            yield self._mail()

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        chunk = b"" if self._ended else self._read(_CHUNK_BYTES)
        self._ended = not chunk
        self._buffer += chunk
        return bool(chunk)

    def _use(self, size: int) -> bytes:
        used = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._offset += size
        return used

    def _skip_from_line(self) -> None:
        while (end := self._buffer.find(b"\n")) < 0 and len(self._buffer) <= _LINE_BYTES:
            if not self._fill():
                end = len(self._buffer) - 1
                break
        if end < 0 or not self._buffer.startswith(_FROM):
            raise NotAnMbox
        self._use(end + 1)

    def _mail(self) -> BoxMail:
        kept, size = bytearray(), 0
        while True:
            found = _NEXT.search(self._buffer)
            if found:
                piece = self._use(found.start() + 1)
                self._use(found.end() - len(_FROM) - found.start() - 1)
            else:
                piece = self._use(max(0, len(self._buffer) - _OVERLAP))
            size += len(piece)
            # Of a mail past the bound only its header is kept: the rest need not be in memory.
            if size <= self._max_bytes or len(kept) < HEADER_BYTES:
                kept += piece
            if found or not self._fill():
                break
        if not found:
            piece = _LAST_LINE.sub(b"", bytes(kept[-_OVERLAP:]) + self._use(len(self._buffer)))
            size += len(piece) - len(kept[-_OVERLAP:])
            kept[-_OVERLAP:] = piece
        return BoxMail(self._made(bytes(kept), size), self._offset)

    def _made(self, raw: bytes, size: int) -> PulledMail:
        if size <= self._max_bytes:
            if b">From " in raw:
                raw = _QUOTED.sub(rb"\1", raw)
            raw = as_sent(raw)
            size = len(raw)
        return within(raw, size, self._max_bytes, None)
