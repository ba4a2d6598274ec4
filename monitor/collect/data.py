"""The mail data phase (RFC 5321 4.1.1.4 and 4.5.2) without I/O: bytes in, message chunks out."""

import re
from collections.abc import Sequence

_END = b"\r\n.\r\n"
_LINE_DOT = b"\r\n."
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_BLOCK_BYTES = 16 * 1024
_DOTS_A_BLOCK = 32
_SMALL_BYTES = 4096
_JOINED_BYTES = 64 * 1024
HEADER_BYTES = 1024 * 1024
"""Most that is kept of the header section of an oversize message."""


class Budget:
    """Bytes that all sessions together may hold in memory."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def has(self, size: int) -> bool:
        """Whether so many more bytes would fit now."""
        return self.used + size <= self.limit

    def take(self, size: int) -> bool:
        """Reserve; False leaves everything as it was."""
        if not self.has(size):
            return False
        self.used += size
        return True

    def give(self, size: int) -> None:
        """Return what was taken."""
        self.used -= size


class DataReader:
    """Reads one message up to CRLF.CRLF and nothing else, undoing dot-stuffing.

    A bare LF or CR is content wherever it stands: it never ends a line, so it cannot end the
    message for one server and not for another (SMTP smuggling). A message past `max_bytes` keeps
    its header section; one that finds the budget empty keeps nothing. Both are read to their end,
    so that the answer goes to the right command and `size` is the real size.
    """

    __slots__ = (
        "_budget", "_chunks", "_held", "_max_bytes", "_small", "_start", "_tail",
        "oversize", "received", "size", "starved",
    )  # fmt: skip

    def __init__(self, max_bytes: int, budget: Budget) -> None:
        self.size = 0
        """Bytes of the message after unstuffing, dropped ones included."""
        self.received = 0
        """Bytes that came over the wire."""
        self.oversize = False
        self.starved = False
        """The budget had no room: the message is to be refused for now."""
        self._max_bytes = max_bytes
        self._budget = budget
        self._held = 0
        self._chunks: list[bytes] = []
        self._small = bytearray()
        self._tail = b""
        self._start = 0

    def feed(self, data: bytes) -> bytes | None:
        """Take bytes off the wire. None while the message goes on, else what follows its end."""
        if not self.received and data.startswith(b"."):
            # The data begins at the start of a line: a virtual CRLF makes that line like others.
            self._tail = b"\r\n"
            self._start = 2
        self.received += len(data)
        window = self._tail + data if self._tail else data
        dot = _find_line_dot(window)
        # Most mail has no line with a dot but its end: one search finds both.
        end = dot if dot < 0 or window.startswith(_END, dot) else window.find(_END, dot)
        if end >= 0:
            self._accept(window[: end + 2], stuffed=end > dot)
            rest = window[end + len(_END) :]
            self.received -= len(rest)
            return rest
        kept = _end_begun(window)
        self._accept(window[:-kept] if kept else window, stuffed=dot >= 0)
        self._tail = window[-kept:] if kept else b""
        return None

    def chunks(self) -> Sequence[bytes]:
        """The message as kept; joined it is the message, or its header section if oversize."""
        self._join_small()
        return tuple(self._chunks)

    def release(self) -> None:
        """Let go of every byte held; safe to call twice."""
        self._budget.give(self._held)
        self._held = 0
        self._chunks.clear()
        self._small.clear()

    def _accept(self, part: bytes, *, stuffed: bool) -> None:
        """Keep bytes in which no line start and no line end is cut in two."""
        if stuffed:
            part = part.replace(_LINE_DOT, b"\r\n")
        if self._start:
            dropped = min(self._start, len(part))
            part = part[dropped:]
            self._start -= dropped
        self.size += len(part)
        if self.oversize or self.starved or not part:
            return
        if self.size > self._max_bytes:
            self._keep(part)
            self._keep_header_only()
        elif self._budget.take(len(part)):
            self._held += len(part)
            self._keep(part)
        else:
            self.starved = True
            self.release()

    def _keep(self, part: bytes) -> None:
        # Many small objects cost many times their bytes: they are gathered.
        if len(part) >= _SMALL_BYTES:
            self._join_small()
            self._chunks.append(part)
            return
        self._small += part
        if len(self._small) >= _JOINED_BYTES:
            self._join_small()

    def _join_small(self) -> None:
        if self._small:
            self._chunks.append(bytes(self._small))
            self._small.clear()

    def _keep_header_only(self) -> None:
        header = header_section(self.chunks())
        self.release()
        if self._budget.take(len(header)):
            self.oversize = True
            self._held = len(header)
            self._chunks.append(header)
        else:
            self.starved = True


def _find_line_dot(window: bytes) -> int:
    """Where a line begins with a dot: the place of its CRLF, or -1.

    Looking for the dots alone is some thirty times as fast as looking for CRLF and dot, and base64
    has none; where dots are dense (prose) it gives up and looks for all three octets.
    """
    for start in range(0, len(window), _BLOCK_BYTES):
        stop = start + _BLOCK_BYTES
        at = start - 1
        for _ in range(_DOTS_A_BLOCK):
            at = window.find(b".", at + 1, stop)
            if at < 0:
                break
            if at >= 2 and window.startswith(b"\r\n", at - 2):
                return at - 2
        else:
            found = window.find(_LINE_DOT, max(at - 1, 0), stop)
            if found >= 0:
                return found
    return -1


def _end_begun(window: bytes) -> int:
    """How many last bytes may be the beginning of the end, or of a stuffed line."""
    for length in (4, 3, 2, 1):
        if window.endswith(_END[:length]):
            return length
    return 0


def header_section(chunks: Sequence[bytes]) -> bytes:
    """The first bytes up to and with the empty line, at most HEADER_BYTES of them."""
    start = bytearray()
    for chunk in chunks:
        start += chunk[: HEADER_BYTES - len(start)]
        if len(start) >= HEADER_BYTES:
            break
    found = _EMPTY_LINE.search(start)
    return bytes(start[: found.end()] if found else start)
