"""One question to one resolver: a datagram from a port of its own, TCP for what is longer.

The socket is connected, so the kernel takes answers of that resolver's address and port alone;
port and id are fresh and random for every question (RFC 5452). What answers another question is
passed over, as waiting for the right one is all that an outsider's guess may cost.
"""

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import struct
from dataclasses import dataclass, replace

import dns.rcode

from monitor.posture.message import Query, Reading, rcode, read, replies, truncated, unknown
from monitor.posture.names import Kind, Why

MAX_STRAYS = 100
"""Datagrams that are no answer before a port is given up."""
_MAX_OCTETS = 65_535
_LENGTH = struct.Struct(">H")
_WITHOUT_EDNS = frozenset((dns.rcode.FORMERR, dns.rcode.NOTIMP))


class _Given(Exception):
    """What came cannot be used."""

    def __init__(self, why: Why) -> None:
        self.why = why


@dataclass(frozen=True, slots=True)
class Upstream:
    """A resolver."""

    address: str
    port: int

    @property
    def family(self) -> socket.AddressFamily:
        six = ipaddress.ip_address(self.address).version == 6
        return socket.AF_INET6 if six else socket.AF_INET


async def exchange(
    upstream: Upstream,
    name: str,
    kind: Kind,
    seconds: float,
    *,
    dnssec: bool = False,
    unchecked: bool = False,
) -> Reading:
    """What this resolver says; each way that is tried takes so many seconds at most.

    Never raises: no answer is `Why.TIMEOUT`, as is a resolver that is not there.
    """
    query = Query(secrets.randbelow(1 << 16), name, kind, dnssec, unchecked)
    try:
        wire = await _datagram(upstream, query, seconds)
        if rcode(wire) in _WITHOUT_EDNS:  # RFC 6891 7: it does not know EDNS
            query = replace(query, id=secrets.randbelow(1 << 16), dnssec=False, edns=False)
            wire = await _datagram(upstream, query, seconds)
        if truncated(wire):
            wire = await _stream(upstream, query, seconds)
    except _Given as given:
        return Reading(unknown(name, kind, given.why))
    except (TimeoutError, OSError):
        return Reading(unknown(name, kind, Why.TIMEOUT))
    return read(wire, query)


async def _datagram(upstream: Upstream, query: Query, seconds: float) -> bytes:
    loop = asyncio.get_running_loop()
    with socket.socket(upstream.family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((upstream.address, upstream.port))
        sock.send(query.wire)
        async with asyncio.timeout(seconds):
            for _ in range(MAX_STRAYS):
                wire = await loop.sock_recv(sock, _MAX_OCTETS)
                if replies(wire, query):
                    return wire
    raise _Given(Why.MALFORMED)


async def _stream(upstream: Upstream, query: Query, seconds: float) -> bytes:
    """One connection for one answer, which fits 65,535 octets (RFC 7766 8)."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(upstream.address, upstream.port)
        try:
            asked = query.wire
            writer.write(_LENGTH.pack(len(asked)) + asked)
            (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
            wire = await reader.readexactly(size)
        except asyncio.IncompleteReadError:
            raise _Given(Why.MALFORMED) from None
        finally:
            _hang_up(writer)
    if not replies(wire, query):
        raise _Given(Why.MALFORMED)
    return wire


def _hang_up(writer: asyncio.StreamWriter) -> None:
    """At once: whatever it still wants to say is not waited for."""
    with contextlib.suppress(OSError):
        writer.transport.abort()
