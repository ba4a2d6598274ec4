"""The octets of an answer, read in a time that grows with their number alone (RFC 1035 4.1).

A general reader decodes every name at each place it stands: 998 records with a name of 112 labels
are 16 KB and take it seconds, in which no other question is answered. Here what a compression
pointer leads to is decoded once, and of records that nobody asked for nothing but their size.
"""

import struct
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from monitor.posture.names import Kind

MAX_NAME_OCTETS = 255
"""On the wire, with the octets of lengths (RFC 1035 2.3.4)."""
TYPES: Mapping[Kind, int] = {kind: int(dns.rdatatype.from_text(kind)) for kind in Kind}
MAX_POINTERS = 16
"""From one to the next within a name: real ones have one or two."""
_HEAD = struct.Struct(">HHHHHH")
_FIXED = struct.Struct(">HHIH")
_SOA_FIGURES = struct.Struct(">IIIII")
_PLAIN = bytes(octet for octet in range(0x20, 0x7F) if octet not in b".\\")
_MOST_TTL = 2**31 - 1


class Malformed(Exception):
    """The octets are no message, or a record is none of its type."""


class Record(NamedTuple):
    """One record; what it holds stands at `at` in the message."""

    name: str
    type: int
    rdclass: int
    ttl: int
    at: int
    size: int


class Message:
    """The records of a response: of the answer, the authority, and what EDNS adds to its code.

    Raises Malformed.
    """

    def __init__(self, wire: bytes) -> None:
        self._wire = wire
        self._known: dict[int, tuple[str, int]] = {}
        self._end = _HEAD.size
        _, self.flags, questions, *counts = self._unpacked(_HEAD, 0)
        for _ in range(questions):
            self._end = self.name(self._end)[1] + 4
        self.answer, self.authority, additional = (
            [self._record() for _ in range(count)] for count in counts
        )
        if self._end != len(wire):
            raise Malformed
        extended = [one.ttl >> 24 for one in additional if one.type == dns.rdatatype.OPT]
        self.rcode: int = self.flags & 0xF | (extended[0] << 4 if extended else 0)

    def name(self, at: int) -> tuple[str, int]:
        """The name that begins there, and where it ends.

        Lower case, without the final dot; what is no plain sign is written by its number.
        """
        labels: list[str] = []
        begun: list[tuple[int, int, int]] = []
        """Where pointers led to; labels and octets of the name before each."""
        end, below, octets, tail = 0, at, 0, ("", 1)
        while size := self._octet(at):
            if size >= 0xC0:
                target = (size & 0x3F) << 8 | self._octet(at + 1)
                end = end or at + 2
                if target >= below or len(begun) == MAX_POINTERS:  # forwards, or in a circle
                    raise Malformed
                if target in self._known:
                    tail = self._known[target]
                    break
                begun.append((target, len(labels), octets))
                below = at = target
                continue
            if size > 63 or octets > MAX_NAME_OCTETS:
                raise Malformed
            labels.append(_label(self._octets(at + 1, size)))
            octets += size + 1
            at += size + 1
        octets += tail[1]
        if octets > MAX_NAME_OCTETS:
            raise Malformed
        for target, before, without in begun:
            self._known[target] = (_joined(labels[before:], tail[0]), octets - without)
        return _joined(labels, tail[0]), end or at + 1

    def _record(self) -> Record:
        name, at = self.name(self._end)
        type_, rdclass, ttl, size = self._unpacked(_FIXED, at)
        at += _FIXED.size
        self._end = at + size
        if self._end > len(self._wire):
            raise Malformed
        return Record(name, type_, rdclass, ttl, at, size)

    def text(self, record: Record, kind: Kind) -> str:
        """What a record of that type holds, as an `Answer` has it."""
        return _TEXTS[kind](self, record)

    def _address(self, record: Record) -> str:
        wanted = 4 if record.type == dns.rdatatype.A else 16
        if record.size != wanted:
            raise Malformed
        octets = self._octets(record.at, wanted)
        return str(IPv4Address(octets) if wanted == 4 else IPv6Address(octets))

    def _strings(self, record: Record) -> str:
        at, end = record.at, record.at + record.size
        strings: list[bytes] = []
        while at < end:
            size = self._octet(at)
            strings.append(self._octets(at + 1, size))
            at += size + 1
        if at != end or not strings:
            raise Malformed
        return b"".join(strings).decode("latin-1")

    def _exchange(self, record: Record) -> str:
        preference = self._octet(record.at) << 8 | self._octet(record.at + 1)
        return f"{preference} {self._whole_name(record, 2)}"

    def _target(self, record: Record) -> str:
        return self._whole_name(record, 0)

    def _whole_name(self, record: Record, skip: int) -> str:
        name, end = self.name(record.at + skip)
        if end != record.at + record.size:
            raise Malformed
        return name

    def soa(self, record: Record) -> tuple[str, str, tuple[int, ...]]:
        """Server, mailbox and the five figures; the last is the least TTL (RFC 2308 4)."""
        server, at = self.name(record.at)
        mailbox, at = self.name(at)
        if at + _SOA_FIGURES.size != record.at + record.size:
            raise Malformed
        return server, mailbox, self._unpacked(_SOA_FIGURES, at)

    def _authority(self, record: Record) -> str:
        server, mailbox, figures = self.soa(record)
        return f"{server}. {mailbox}. {' '.join(map(str, figures))}"

    def _presented(self, record: Record) -> str:
        """Records without names are dnspython's to read."""
        type_ = dns.rdatatype.RdataType.make(record.type)
        place = (self._wire, record.at, record.size)
        try:
            found = dns.rdata.from_wire(dns.rdataclass.IN, type_, *place)
        except (dns.exception.DNSException, ValueError):
            raise Malformed from None
        return found.to_text()

    def _octet(self, at: int) -> int:
        if at >= len(self._wire):
            raise Malformed
        return self._wire[at]

    def _octets(self, at: int, size: int) -> bytes:
        if at + size > len(self._wire):
            raise Malformed
        return self._wire[at : at + size]

    def _unpacked(self, form: struct.Struct, at: int) -> tuple[int, ...]:
        if at + form.size > len(self._wire):
            raise Malformed
        return form.unpack_from(self._wire, at)


_TEXTS: Mapping[Kind, Callable[[Message, Record], str]] = {
    Kind.A: Message._address,
    Kind.AAAA: Message._address,
    Kind.CNAME: Message._target,
    Kind.DNSKEY: Message._presented,
    Kind.DS: Message._presented,
    Kind.MX: Message._exchange,
    Kind.NS: Message._target,
    Kind.PTR: Message._target,
    Kind.SOA: Message._authority,
    Kind.TXT: Message._strings,
}


def bounded_ttl(ttl: int) -> int:
    """One with the highest bit set is 0 (RFC 2181 8)."""
    return ttl if ttl <= _MOST_TTL else 0


def _joined(labels: list[str], tail: str) -> str:
    return ".".join([*labels, tail] if tail else labels)


def _label(label: bytes) -> str:
    if not label.translate(None, _PLAIN):
        return label.lower().decode("ascii")
    signs = (chr(octet) if octet in _PLAIN else f"\\{octet:03d}" for octet in label.lower())
    return "".join(signs)
