"""One connection: moves bytes between the transport, the dialogue, the data and the delivery."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from monitor.collect.admission import Admission, Client
from monitor.collect.data import Budget, DataReader
from monitor.collect.delivery import FULL, Delivery, Message
from monitor.collect.dialogue import (
    FAULT,
    LINE_TOO_LONG,
    MAX_LINE_BYTES,
    SESSION_OVER,
    SHUTTING_DOWN,
    TIMED_OUT,
    Dialogue,
    Manner,
    Then,
    turned_away,
)
from monitor.collect.events import ClientRefused, IntakeFault, PlaintextInjected, Refusal
from monitor.collect.tls import fingerprint
from monitor.observe import Observer
from monitor.settings import SmtpSettings

_PENDING_BYTES = 64 * 1024
_HANDSHAKE_SECONDS = 30.0
_LAST_WORDS_SECONDS = 30.0
"""How long a client may take to read what it was sent before the close."""


@dataclass
class Shared:
    """What the connections of one intake have in common."""

    settings: SmtpSettings
    admission: Admission
    budget: Budget
    delivery: Delivery
    observer: Observer
    tasks: asyncio.TaskGroup
    tls: ssl.SSLContext | None
    connections: set["Connection"] = field(default_factory=set)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while there is no connection."""
    stopping: bool = False


class Connection(asyncio.Protocol):
    """Serves one client; commands are answered in their order, one message at a time."""

    def __init__(self, shared: Shared, *, lmtp: bool) -> None:
        self._shared = shared
        self._lmtp = lmtp
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._client: Client | None = None
        self._peer = ""
        self._dialogue: Dialogue | None = None
        self._reader: DataReader | None = None
        self._work: asyncio.Task[None] | None = None
        self._pending = b""
        self._out: list[bytes] = []
        self._paused = False
        self._stalled = False
        self._ended = False
        self._closing = False
        self._since = self._loop.time()
        self._heard = self._since

    # -- transport callbacks --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._dialogue is None:
            peername = transport.get_extra_info("peername")
            if not peername:
                self._transport.abort()
                return
            refusal = self._admit(peername[0])
            if refusal:
                self._end(turned_away(refusal))
                return
        else:
            self._dialogue.secured(fingerprint(transport.get_extra_info("ssl_object")))
            self._since = self._heard = self._loop.time()
        self._transport.write(self._talk.greeting())

    def arrived(self, connected: socket.socket, peer: str) -> None:
        """Serve a client that begins with its TLS handshake (RFC 8314 3.3)."""
        context = self._shared.tls
        if context is None or self._admit(peer):
            # It would not understand a refusal in the clear.
            connected.close()
            return
        self._start(partial(self._shake_hands, connected, context))

    def _admit(self, peer: str) -> Refusal | None:
        """Open the session, unless the client has to come back later."""
        shared = self._shared
        self._peer = peer
        client = self._client = shared.admission.client(peer)
        refusal = None if client.sources else Refusal.CLIENT_NOT_ALLOWED
        if shared.stopping:
            refusal = Refusal.SHUTTING_DOWN
        refusal = refusal or shared.admission.enter(client.address)
        if refusal:
            self._refused(refusal)
            return refusal
        shared.connections.add(self)
        shared.idle.clear()
        self._dialogue = Dialogue(
            shared.settings,
            shared.admission,
            shared.budget,
            client,
            Manner(self._lmtp, tls_offered=shared.tls is not None),
            self._refused,
        )
        return None

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._pending = self._pending + data if self._pending else data
        self._advance()
        if len(self._pending) > _PENDING_BYTES and not self._paused:
            self._paused = True
            if self._transport and not self._closing:
                self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._ended = True
        # A half-closed client still gets the answer to what it sent; TLS has no half-close.
        return self._work is not None and not self._secure()

    def pause_writing(self) -> None:
        self._stalled = True

    def resume_writing(self) -> None:
        self._stalled = False
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._closing = True
        self._transport = None
        self._let_go_of_data()
        if self._client is not None and self in self._shared.connections:
            self._shared.connections.discard(self)
            self._shared.admission.leave(self._client.address)
            if not self._shared.connections:
                self._shared.idle.set()

    # -- what the intake asks of a connection ---------------------------------------------------

    def check_time(self, now: float) -> None:
        """End a client that keeps us waiting."""
        if self._work:
            return
        if self._closing:
            if now - self._since > _LAST_WORDS_SECONDS:
                self.abort()
            return
        settings = self._shared.settings
        if not self._reader:
            if now - self._since > settings.command_timeout_seconds:
                self._time_out(Refusal.COMMAND_TIMEOUT)
            return
        lasted = now - self._since
        if now - self._heard > settings.data_timeout_seconds:
            self._time_out(Refusal.DATA_TIMEOUT)
        elif (
            lasted > settings.data_timeout_seconds
            and self._reader.received < settings.min_data_rate_bytes * lasted
        ):
            self._time_out(Refusal.DATA_SLOW)

    def shut(self) -> None:
        """End the session now if it is between messages, else after its message."""
        if not self._work and not self._reader:
            self._end(SHUTTING_DOWN.reply)

    def cut(self) -> None:
        """End the session whatever it is doing; nothing that is not durable is acknowledged."""
        if self._work:
            self._work.cancel()
        else:
            self._end(SHUTTING_DOWN.reply)

    def abort(self) -> None:
        """Close without waiting for the client."""
        if self._transport:
            self._transport.abort()

    # -- moving on ------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Use what has arrived, as far as it can be used now."""
        try:
            while not (self._work or self._closing or self._stalled) and self._step():
                pass
        except Exception as error:  # noqa: BLE001 - an error of ours is an answer, never a 5xx
            self._shared.observer.emit(IntakeFault(type(error).__name__))
            self._end(FAULT.reply)
        self._flush()
        if self._ended and not self._work:
            self._end(b"")
        elif self._paused and not self._work and len(self._pending) <= _PENDING_BYTES:
            self._paused = False
            if self._transport and not self._closing:
                self._transport.resume_reading()

    def _step(self) -> bool:
        if self._reader:
            return bool(self._pending) and self._read_data(self._reader)
        return self._read_commands()

    def _read_commands(self) -> bool:
        """Answer the whole lines at hand; True if there is more to do."""
        dialogue = self._talk
        data, at = self._pending, 0
        then = Then.GO_ON
        while then is Then.GO_ON:
            end = data.find(b"\r\n", at)
            if end < 0:
                break
            answer = dialogue.command(data[at:end])
            at = end + 2
            self._out.append(answer.reply)
            then = answer.then
            self._since = self._heard
        self._pending = data[at:]
        if then is Then.GO_ON:
            if len(self._pending) > MAX_LINE_BYTES:
                self._refused(Refusal.LINE_TOO_LONG)
                self._end(LINE_TOO_LONG.reply)
            return False
        self._follow(then)
        return True

    def _follow(self, then: Then) -> None:
        if then is Then.READ_DATA:
            shared = self._shared
            largest = min(shared.settings.max_message_bytes, shared.budget.limit)
            self._reader = DataReader(largest, shared.budget)
            self._since = self._loop.time()
        elif then is Then.START_TLS:
            self._begin_tls()
        else:
            self._end(b"")

    def _read_data(self, reader: DataReader) -> bool:
        rest = reader.feed(self._pending)
        self._pending = rest or b""
        if rest is None:
            return False
        if reader.starved:
            self._refused(Refusal.BUFFERS_FULL)
            self._message_answered(self._replies(FULL))
        else:
            self._start(partial(self._deliver, reader))
        return True

    def _replies(self, reply: bytes) -> bytes:
        """The same answer for all: LMTP wants one a recipient."""
        return reply * len(self._talk.recipients) if self._lmtp else reply

    async def _deliver(self, reader: DataReader) -> None:
        dialogue = self._talk
        message = Message(
            mail_from=dialogue.mail_from or "",
            recipients=dialogue.recipients,
            peer=self._peer,
            network=self._network,
            helo=dialogue.helo,
            certificate=dialogue.proof.certificate,
            body=reader.chunks(),
            size=reader.size,
            oversize=reader.oversize,
        )
        try:
            answers = await self._shared.delivery.answers(message, each=self._lmtp)
        finally:
            reader.release()
        self._message_answered(answers)

    def _message_answered(self, replies: bytes) -> None:
        self._out.append(replies)
        self._let_go_of_data()
        self._talk.message_done()
        self._since = self._loop.time()
        if self._shared.stopping:
            self._end(SHUTTING_DOWN.reply)
        elif self._talk.is_over:
            self._end(SESSION_OVER.reply)

    def _begin_tls(self) -> None:
        """Nothing sent before the handshake may count after it (RFC 3207 section 6)."""
        plain, context = self._transport, self._shared.tls
        if plain is None or context is None:
            return
        if self._pending:
            self._shared.observer.emit(PlaintextInjected(len(self._pending)))
            self._pending = b""
        self._flush()
        # The client's first record must reach the TLS layer, not this one.
        plain.pause_reading()
        self._start(partial(self._secure_transport, plain, context))

    async def _secure_transport(self, plain: asyncio.Transport, context: ssl.SSLContext) -> None:
        try:
            secure = await self._loop.start_tls(
                plain,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            )
        except (OSError, asyncio.CancelledError):
            secure = None
        if secure is None:
            self._refused(Refusal.TLS_FAILED)
            plain.abort()
            # A transport that was between two protocols tells neither that it is gone.
            self.connection_lost(None)
            return
        self._transport = secure
        self._since = self._heard = self._loop.time()
        self._talk.secured(fingerprint(secure.get_extra_info("ssl_object")))

    async def _shake_hands(self, connected: socket.socket, context: ssl.SSLContext) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: self, connected, ssl=context, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except (OSError, asyncio.CancelledError):
            self._refused(Refusal.TLS_FAILED)
            connected.close()
            self.connection_lost(None)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do what has to be waited for; the next command waits for it."""
        self._work = self._shared.tasks.create_task(self._run(work))

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - must end this session only
            self._shared.observer.emit(IntakeFault(type(error).__name__))
            self._end(FAULT.reply)
        finally:
            self._work = None
        self._advance()

    # -- small things ---------------------------------------------------------------------------

    @property
    def _talk(self) -> Dialogue:
        if self._dialogue is None:
            raise RuntimeError("no session was opened on this connection")
        return self._dialogue

    @property
    def _network(self) -> str:
        return self._client.network if self._client else ""

    def _secure(self) -> bool:
        return bool(self._transport and self._transport.get_extra_info("ssl_object"))

    def _refused(self, refusal: Refusal) -> None:
        self._shared.observer.emit(ClientRefused(refusal, self._network))

    def _time_out(self, refusal: Refusal) -> None:
        self._refused(refusal)
        self._end(TIMED_OUT.reply)

    def _let_go_of_data(self) -> None:
        # While a delivery runs it owns the bytes, even if the client is gone.
        if self._reader and not self._work:
            self._reader.release()
        self._reader = None

    def _flush(self) -> None:
        if self._out and self._transport and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _end(self, reply: bytes) -> None:
        """Send what is to be sent and close."""
        if self._closing:
            return
        self._out.append(reply)
        self._flush()
        self._closing = True
        self._since = self._loop.time()
        if self._transport:
            self._transport.close()
