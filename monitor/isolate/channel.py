"""The daemon's end of a wire: writes requests without copying them, reads answers, notices ends.

Callbacks on the event loop, no task and no thread. The child at the other end is not trusted: all
that arrives goes through `AnswerReader`.
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable

from monitor.isolate.wire import AnswerReader, Frame, WireError

_SO_SNDBUFFORCE = 32
_SEND_BUFFER_BYTES = 2 * 1024 * 1024
"""A whole item of usual size fits, so that the next one waits in the kernel, not in the loop."""
_READ_BYTES = 256 * 1024


class Channel:
    """A stream socket with frames.

    `on_frame` is called for each answer; `on_end` once, with True when the other side broke the
    protocol and False when it closed. Neither is called after `close`.
    """

    def __init__(
        self, sock: socket.socket, on_frame: Callable[[Frame], None], on_end: Callable[[bool], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._on_frame = on_frame
        self._on_end = on_end
        self._answers = AnswerReader()
        self._unsent: deque[memoryview] = deque()
        self._waits_to_write = False
        self._open = True
        sock.setblocking(False)
        _widen(sock)
        self._loop.add_reader(sock, self._readable)

    def send(self, *parts: bytes) -> None:
        """Send the parts in order; what the kernel does not take now follows by itself."""
        self._unsent.extend(memoryview(part) for part in parts if part)
        if not self._waits_to_write:
            self._write()

    def close(self) -> None:
        """Close the wire; idempotent."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._sock)
            self._loop.remove_writer(self._sock)
            self._unsent.clear()
            self._sock.close()

    def _write(self) -> None:
        try:
            while self._open and self._unsent:
                self._sent(self._sock.sendmsg(list(self._unsent)))
        except BlockingIOError:
            if not self._waits_to_write:
                self._waits_to_write = True
                self._loop.add_writer(self._sock, self._write)
            return
        except OSError:
            # the child is gone or hangs up: what it said before is read first, then its end
            self._unsent.clear()
            self._loop.call_soon(self._read_to_the_end)
        if self._waits_to_write and self._open:
            self._waits_to_write = False
            self._loop.remove_writer(self._sock)

    def _sent(self, count: int) -> None:
        while count:
            part = self._unsent.popleft()
            if count < len(part):
                self._unsent.appendleft(part[count:])
                return
            count -= len(part)

    def _readable(self) -> None:
        try:
            data = self._sock.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._end(broken=False)
            return
        try:
            for frame in self._answers.feed(data):
                self._on_frame(frame)
                if not self._open:
                    return
        except WireError:
            self._end(broken=True)

    def _read_to_the_end(self) -> None:
        """The other side takes nothing any more: read what is there now, then call it ended."""
        while self._open:
            try:
                if not self._sock.recv(1, socket.MSG_PEEK):
                    break
            except OSError:
                break
            self._readable()
        if self._open:
            self._end(broken=False)

    def _end(self, *, broken: bool) -> None:
        self.close()
        self._on_end(broken)


def _widen(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    with contextlib.suppress(PermissionError):
        # past net.core.wmem_max only root may go; without it sending takes a few writes more
        sock.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, _SEND_BUFFER_BYTES)
