"""The resolver that the demo asks: the province's zone on 127.0.0.1, answered by dnspython.

It stands for a validating resolver with the province's servers behind it. Whatever lies outside the
zone is refused: nothing of the demo leaves the machine.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import Any, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

from monitor.demo.zone import BOGUS, ORIGIN, SILENT, UNSIGNED

LONGEST_CHAIN = 8
UDP_OCTETS = 1232


class DemoNames:
    """Answers to messages; None where the servers would keep silent."""

    def __init__(self, zone_text: str) -> None:
        self._origin = dns.name.from_text(ORIGIN)
        self._zone = dns.zone.from_text(zone_text, self._origin, relativize=False)
        self._bogus = [dns.name.from_text(each) for each in BOGUS]
        self._unsigned = [dns.name.from_text(each) for each in UNSIGNED]
        self._silent = {dns.name.from_text(each) for each in SILENT}

    def answer(self, wire: bytes, room: int) -> bytes | None:
        """The answer in at most so many octets, or marked as truncated."""
        try:
            question = dns.message.from_wire(wire)
            name, kind = question.question[0].name, question.question[0].rdtype
        except (dns.exception.DNSException, IndexError):
            return None
        if name in self._silent:
            return None
        response = dns.message.make_response(question, recursion_available=True)
        self._fill(response, name, kind, checking=not question.flags & dns.flags.CD)
        try:
            return response.to_wire(max_size=room)
        except dns.exception.TooBig:
            short = dns.message.make_response(question, recursion_available=True)
            short.flags |= dns.flags.TC
            return short.to_wire()

    def _fill(
        self, response: dns.message.Message, name: dns.name.Name, kind: Any, *, checking: bool
    ) -> None:
        if name == dns.name.root:  # what `congvu doctor` asks of any resolver
            response.flags |= dns.flags.AD
            return
        if not name.is_subdomain(self._origin):
            beside = name.is_subdomain(self._origin.parent())  # where walks up to the root lead
            response.set_rcode(dns.rcode.NXDOMAIN if beside else dns.rcode.REFUSED)
            return
        if checking and _below(name, self._bogus):
            response.set_rcode(dns.rcode.SERVFAIL)
            return
        if not _below(name, [*self._unsigned, *self._bogus]):
            response.flags |= dns.flags.AD
        for _ in range(LONGEST_CHAIN):
            if found := self._zone.get_rrset(name, kind):
                response.answer.append(found)
                return
            alias = self._zone.get_rrset(name, dns.rdatatype.CNAME)
            if alias is None:
                break
            response.answer.append(alias)
            name = alias[0].target
        self._deny(response, name)

    def _deny(self, response: dns.message.Message, name: dns.name.Name) -> None:
        """No such record, or no such name where nothing lies below it either (RFC 8020)."""
        if not any(each.is_subdomain(name) for each in self._zone.nodes):
            response.set_rcode(dns.rcode.NXDOMAIN)
        if soa := self._zone.get_rrset(self._origin, dns.rdatatype.SOA):
            response.authority.append(soa)


def _below(name: dns.name.Name, parents: list[dns.name.Name]) -> bool:
    return any(name.is_subdomain(parent) for parent in parents)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, names: DemoNames) -> None:
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._names.answer(data, UDP_OCTETS)
        if answer and self._transport:
            self._transport.sendto(answer, addr)


@contextlib.asynccontextmanager
async def serving(names: DemoNames, port: int) -> AsyncIterator[None]:
    """Answer over UDP and TCP on a port of 127.0.0.1 until the context is left."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                answer = names.answer(await reader.readexactly(size), 0xFFFF)
                if answer is None:
                    break
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    where = ("127.0.0.1", port)
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(names), where)
    try:
        async with await asyncio.start_server(converse, *where):
            yield
    finally:
        transport.close()
