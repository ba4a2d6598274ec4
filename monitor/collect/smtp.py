"""The intake of journal copies over SMTP and LMTP: listeners, the watch over time, the stop."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from monitor.clock import Clock, now
from monitor.collect.admission import Admission
from monitor.collect.connection import Connection, Shared
from monitor.collect.data import Budget
from monitor.collect.delivery import Delivery
from monitor.collect.doors import Door
from monitor.collect.events import IntakeListening, IntakeStopped
from monitor.collect.sink import Sink
from monitor.collect.tls import server_context
from monitor.observe import Observer
from monitor.settings import MailSource, SmtpSettings

_BACKLOG = 512
_LAST_WORDS_SECONDS = 0.2
"""What a client that is cut off has to read its 421."""


class MailIntake:
    """Takes messages from allowed sources, and answers 250 once the sink has them durable.

    It has no way to send mail: what is not a source's own journal address is refused, for now
    (450), like everything else that goes wrong.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        sources: Sequence[MailSource],
        sink: Sink,
        observer: Observer,
        clock: Clock = now,
    ) -> None:
        """Raises UserError when the TLS files cannot be used."""
        self._settings = settings
        self._observer = observer
        self._tls = server_context(settings, sources)
        self._admission = Admission(settings, sources)
        self._delivery = Delivery(sink, observer, clock)
        self._servers: dict[str, asyncio.Server] = {}
        self._door: Door | None = None
        self._serving: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._shared: Shared | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when an address cannot be bound."""
        loop = asyncio.get_running_loop()
        opened = loop.create_future()
        self._serving = loop.create_task(self._serve(opened), name="mail-intake")
        try:
            await opened
        except BaseException:
            self._serving.cancel()
            await asyncio.wait([self._serving])
            raise

    @property
    def port(self) -> int:
        """Port of the SMTP listener, once started."""
        return self._port("smtp")

    @property
    def lmtp_port(self) -> int | None:
        """Port of the LMTP listener, once started; None if none is set."""
        return self._port("lmtp") if "lmtp" in self._servers else None

    @property
    def tls_port(self) -> int | None:
        """Port of the listener that begins with TLS, once started; None if none is set."""
        return self._door.port if self._door else None

    def _port(self, protocol: str) -> int:
        port: int = self._servers[protocol].sockets[0].getsockname()[1]
        return port

    def _close_listeners(self) -> None:
        for server in self._servers.values():
            server.close()
        if self._door:
            self._door.close()

    async def wait(self) -> None:
        """Return when stopped; raise what ended the intake otherwise."""
        if self._serving:
            await asyncio.shield(self._serving)

    async def stop(self, grace_seconds: float) -> None:
        """Take no more connections, let messages that are being sent finish, end all sessions.

        After the grace period what is left is cut, without an acknowledgement.
        """
        shared, serving = self._shared, self._serving
        if shared is None or serving is None:
            return
        shared.stopping = True
        self._close_listeners()
        for connection in tuple(shared.connections):
            connection.shut()
        await _until_gone(shared, grace_seconds)
        left = tuple(shared.connections)
        for connection in left:
            connection.cut()
        await _until_gone(shared, _LAST_WORDS_SECONDS)
        for connection in tuple(shared.connections):
            connection.abort()
        self._stop.set()
        await serving
        self._shared = None
        self._observer.emit(IntakeStopped(len(left)))

    async def _serve(self, opened: "asyncio.Future[None]") -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                self._shared = Shared(
                    self._settings,
                    self._admission,
                    Budget(self._settings.max_buffered_bytes),
                    self._delivery,
                    self._observer,
                    tasks,
                    self._tls,
                )
                try:
                    await self._listen(self._shared)
                except OSError as error:
                    opened.set_exception(error)
                    return
                opened.set_result(None)
                await self._watch(self._shared)
        finally:
            self._close_listeners()

    async def _listen(self, shared: Shared) -> None:
        ports = {"smtp": self._settings.port, "lmtp": self._settings.lmtp_port}
        loop = asyncio.get_running_loop()
        for protocol, port in ports.items():
            if port is None:
                continue
            server = await loop.create_server(
                partial(Connection, shared, lmtp=protocol == "lmtp"),
                self._settings.host,
                port,
                backlog=_BACKLOG,
            )
            self._servers[protocol] = server
            self._observer.emit(IntakeListening(protocol, self._port(protocol)))
        if self._settings.tls_port is not None:
            await self._open_door(shared, self._settings.tls_port)

    async def _open_door(self, shared: Shared, port: int) -> None:
        def arrived(connected: socket.socket, peer: str) -> None:
            Connection(shared, lmtp=False).arrived(connected, peer)

        self._door = Door(arrived)
        await self._door.open(self._settings.host, port, _BACKLOG, shared.tasks)
        self._observer.emit(IntakeListening("smtps", self._door.port))

    async def _watch(self, shared: Shared) -> None:
        """Look at every session's time now and then: cheaper than a timer a command."""
        loop = asyncio.get_running_loop()
        settings = self._settings
        shortest = min(settings.command_timeout_seconds, settings.data_timeout_seconds)
        pause = max(0.02, min(1.0, shortest / 4))
        while not self._stop.is_set():
            moment = loop.time()
            for connection in tuple(shared.connections):
                connection.check_time(moment)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stop.wait()


async def _until_gone(shared: Shared, seconds: float) -> None:
    """Wait until every session has ended, at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            if shared.connections:
                await shared.idle.wait()
