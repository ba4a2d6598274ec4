"""A resolver for tests that says whatever it is told to, over real sockets on 127.0.0.1.

What it says is decided by a function of the question; it is given what to reply over UDP or TCP,
as octets, as a message of dnspython, or as a coroutine that writes by itself.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from monitor.posture.wire import Rules

Said = bytes | dns.message.Message | None
Speaks = Callable[["Heard"], "Said | Sequence[bytes]"]
Writes = Callable[["Heard", asyncio.StreamWriter], Awaitable[None]]


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Heard:
    """A question as it came."""

    message: dns.message.Message
    tcp: bool
    sender: tuple[str, int]
    count: int
    """Of all that came, this one included."""

    @property
    def name(self) -> str:
        return self.message.question[0].name.to_text(omit_final_dot=True)

    def answer(
        self, *records: str, rcode: str = "NOERROR", authority: Sequence[str] = ()
    ) -> dns.message.Message:
        """`name ttl type data` each; a name `@` is the one that was asked for."""
        reply = dns.message.make_response(self.message, recursion_available=True)
        reply.set_rcode(dns.rcode.from_text(rcode))
        for section, lines in ((reply.answer, records), (reply.authority, authority)):
            for line in lines:
                owner, ttl, kind, data = line.split(" ", 3)
                name = self.name if owner == "@" else owner
                rrset = dns.rrset.from_text(name + ".", int(ttl), "IN", kind, data)
                section.append(rrset)
        return reply


@dataclass
class Hostile:
    """The server: `speaks` decides; `writes` takes TCP connections over."""

    speaks: Speaks
    writes: Writes | None = None
    heard: list[Heard] = field(default_factory=list)
    address: tuple[str, int] = ("127.0.0.1", 0)
    transport: asyncio.DatagramTransport | None = None

    def rules(self, **more: object) -> Rules:
        """Rules that ask this server alone, and soon give up."""
        return rules((self.address,), **more)

    def hear(self, wire: bytes, sender: tuple[str, int], *, tcp: bool) -> Heard:
        message = dns.message.from_wire(wire)
        one = Heard(message, tcp, sender, len(self.heard) + 1)
        self.heard.append(one)
        return one

    def replies(self, heard: Heard) -> list[bytes]:
        said = self.speaks(heard)
        if said is None:
            return []
        if isinstance(said, dns.message.Message):
            return [packed(said, tcp=heard.tcp)]
        return [said] if isinstance(said, bytes) else list(said)


def rules(resolvers: Sequence[tuple[str, int]], **more: object) -> Rules:
    told: dict[str, object] = {"timeout_seconds": 0.3, "tries": 2} | more
    return Rules.model_validate({"resolvers": tuple(resolvers), **told})


def packed(message: dns.message.Message, *, tcp: bool) -> bytes:
    """Its octets; over UDP without its records where it is too long."""
    wire = message.to_wire(max_size=65535)
    if tcp or len(wire) <= 1232:
        return wire
    short = dns.message.from_wire(wire)
    short.answer.clear()
    short.authority.clear()
    short.flags |= dns.flags.TC
    return short.to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Hostile) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._server.transport
        for wire in self._server.replies(self._server.hear(data, addr, tcp=False)):
            self._server.transport.sendto(wire, addr)


Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _both(server: Hostile, connected: Connected) -> asyncio.Server:
    """A port that is free for TCP may be somebody's of UDP: then another."""
    loop = asyncio.get_running_loop()
    while True:
        tcp = await asyncio.start_server(connected, "127.0.0.1", 0)
        server.address = tcp.sockets[0].getsockname()[:2]
        try:
            server.transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(server), local_addr=server.address
            )
        except OSError:
            tcp.close()
        else:
            return tcp


@contextlib.asynccontextmanager
async def hostile(speaks: Speaks, writes: Writes | None = None) -> AsyncIterator[Hostile]:
    """A running one, on the same port of UDP and TCP."""
    server = Hostile(speaks, writes)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            (size,) = struct.unpack(">H", await reader.readexactly(2))
            sender = writer.get_extra_info("peername")
            heard = server.hear(await reader.readexactly(size), sender, tcp=True)
            if server.writes:
                await server.writes(heard, writer)
                return
            for wire in server.replies(heard):
                writer.write(struct.pack(">H", len(wire)) + wire)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    tcp = await _both(server, connected)
    try:
        yield server
    finally:
        if server.transport:
            server.transport.close()
        tcp.close()
        await tcp.wait_closed()
