"""The listener that speaks TLS from the first byte (RFC 8314 3.3).

`create_server(ssl=…)` knows a client only after its handshake, so that strangers could hold any
number of them open; and uvloop reads from a plain connection before it can be told to wait for the
handshake. So connections are taken here, one by one: who may not speak is closed unheard, and who
may is counted while it shakes hands.
"""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

_PAUSE_SECONDS = 1.0
"""After a failure to take a connection, as when all descriptors are in use."""

Arrived = Callable[[socket.socket, str], None]
"""Takes over a connected socket of this peer address."""


class Door:
    """Listening sockets on one port; `open` starts them and `close` ends them."""

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self._sockets: list[socket.socket] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, host: str, port: int, backlog: int, tasks: asyncio.TaskGroup) -> None:
        """Listen on all addresses of the host. Raises OSError when one cannot be bound."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(found):
            listener = socket.create_server(
                (str(address[0]), int(address[1])), family=family, backlog=backlog
            )
            listener.setblocking(False)
            self._sockets.append(listener)
        for listener in self._sockets:
            task = tasks.create_task(self._take(listener))
            # Not before: a loop still watches the descriptor while its task ends.
            task.add_done_callback(partial(_close, listener))
            self._tasks.append(task)

    @property
    def port(self) -> int:
        """The first socket's port."""
        port: int = self._sockets[0].getsockname()[1]
        return port

    def close(self) -> None:
        """Take no more connections; safe to call twice."""
        for task in self._tasks:
            task.cancel()
        if not self._tasks:
            for listener in self._sockets:
                listener.close()

    async def _take(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connected, address = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self._arrived(connected, str(address[0]))


def _close(listener: socket.socket, _task: "asyncio.Task[None]") -> None:
    listener.close()
