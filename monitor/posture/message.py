"""Questions as octets, and what the octets of an answer say (RFC 1035 4, 6891, 2308).

Nothing here waits or connects. What comes is hostile: only records count that lie on the chain
from the name that was asked for.
"""

import struct
from dataclasses import dataclass, replace

import dns.flags
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from monitor.posture.names import MAX_ALIASES, Answer, Found, Kind, Why
from monitor.posture.reader import TYPES, Malformed, Message, Record, bounded_ttl

UDP_OCTETS = 1232
"""Fits every path without fragments (the DNS flag day of 2020); what is larger comes by TCP."""
MAX_SECTION_RECORDS = 1000
"""All that an answer may announce; it is not read past that."""
MAX_RECORDS = 250
"""Of one name and type: more is no mail domain's, and each costs the rules time."""

_HEAD = struct.Struct(">HHHHHH")
_FIXED = _HEAD.size
_OPT = struct.Struct(">BHHIH")
_DO = 0x8000
_CNAME = TYPES[Kind.CNAME]
_REFUSING = frozenset((dns.rcode.REFUSED, dns.rcode.NOTIMP, dns.rcode.FORMERR, dns.rcode.NOTAUTH))

_Sets = dict[tuple[str, int], list[Record]]


@dataclass(frozen=True, slots=True)
class Query:
    """One question as it goes out."""

    id: int
    name: str
    """Of `labels.asked_name`."""
    kind: Kind
    dnssec: bool = False
    """Ask for the resolver's word on DNSSEC (DO and AD, RFC 3225, 6840 5.7)."""
    unchecked: bool = False
    """What the resolver would give without validation (CD, RFC 4035 3.2.2)."""
    edns: bool = True

    @property
    def question(self) -> bytes:
        """The question section."""
        labels = (bytes((len(label),)) + label.encode() for label in self.name.split("."))
        return b"".join(labels) + struct.pack(">BHH", 0, TYPES[self.kind], 1)

    @property
    def wire(self) -> bytes:
        """The whole message."""
        flags = int(dns.flags.RD)
        if self.dnssec:
            flags |= dns.flags.AD
        if self.unchecked:
            flags |= dns.flags.CD
        head = _HEAD.pack(self.id, flags, 1, 0, 0, int(self.edns))
        return head + self.question + (self._opt() if self.edns else b"")

    def _opt(self) -> bytes:
        extended = _DO if self.dnssec else 0
        return _OPT.pack(0, dns.rdatatype.OPT, UDP_OCTETS, extended, 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says of one question."""

    answer: Answer
    open: bool = False
    """Its chain of aliases ends at a name that it says nothing of: ask for that."""


def unknown(name: str, kind: Kind, why: Why, aliases: tuple[str, ...] = ()) -> Answer:
    """An answer that is none."""
    return Answer(name, kind, Found.UNKNOWN, aliases=aliases, why=why)


def replies(wire: bytes, query: Query) -> bool:
    """Is it a response to this very question? What is not may be anybody's.

    A refusal may come without the question: a resolver that could not read it cannot repeat it.
    """
    if len(wire) < _FIXED:
        return False
    id_, flags, questions, *_ = _HEAD.unpack_from(wire)
    if id_ != query.id or not flags & dns.flags.QR or flags & 0x7800:
        return False
    if questions == 0:
        return rcode(wire) not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}
    asked = query.question
    return questions == 1 and wire[_FIXED : _FIXED + len(asked)].lower() == asked.lower()


def rcode(wire: bytes) -> int:
    """The four bits of it that stand in the head."""
    return wire[3] & 0x0F


def truncated(wire: bytes) -> bool:
    """Is there more than what came?"""
    return bool(wire[2] & (dns.flags.TC >> 8))


def read(wire: bytes, query: Query) -> Reading:
    """What a response (`replies`) says. Never raises."""
    if why := _refusal(rcode(wire)):
        return Reading(unknown(query.name, query.kind, why))
    if truncated(wire) or sum(_HEAD.unpack_from(wire)[2:]) > MAX_SECTION_RECORDS:
        return Reading(unknown(query.name, query.kind, Why.TOO_LARGE))
    try:
        return _said(Message(wire), query)
    except Malformed:
        return Reading(unknown(query.name, query.kind, Why.MALFORMED))


def _refusal(code: int) -> Why | None:
    if code in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return None
    return Why.REFUSED if code in _REFUSING else Why.SERVFAIL


def _said(message: Message, query: Query) -> Reading:
    if why := _refusal(message.rcode):  # the whole of it, with what EDNS adds
        return Reading(unknown(query.name, query.kind, why))
    sets: _Sets = {}
    for record in message.answer:
        if record.rdclass == dns.rdataclass.IN:
            sets.setdefault((record.name, record.type), []).append(record)
    aliases, why = _chain(message, sets, query)
    if why:
        return Reading(unknown(query.name, query.kind, why, aliases))
    last = aliases[-1] if aliases else query.name
    ttls = [_ttl(sets[owner, _CNAME]) for owner in (query.name, *aliases)[:-1]]
    secure = query.dnssec and bool(message.flags & dns.flags.AD)
    found = sets.get((last, TYPES[query.kind]))
    if found is None:
        return _absent(message, query, aliases, ttls, secure=secure)
    if len(found) > MAX_RECORDS:
        return Reading(unknown(query.name, query.kind, Why.TOO_LARGE, aliases))
    records = tuple(dict.fromkeys(message.text(record, query.kind) for record in found))
    ttl = min((*ttls, _ttl(found)))
    return Reading(Answer(query.name, query.kind, Found.FOUND, records, ttl, secure, aliases))


def _ttl(records: list[Record]) -> int:
    return min(bounded_ttl(record.ttl) for record in records)


def _chain(message: Message, sets: _Sets, query: Query) -> tuple[tuple[str, ...], Why | None]:
    """The aliases from the name that was asked for, and what is wrong with them.

    Raises Malformed for a name with several: nobody can say which of them holds.
    """
    aliases: list[str] = []
    last = query.name
    while query.kind is not Kind.CNAME and (last, TYPES[query.kind]) not in sets:
        targets = {message.text(record, Kind.CNAME) for record in sets.get((last, _CNAME), ())}
        if not targets:
            break
        if len(targets) > 1:
            raise Malformed
        last = targets.pop()
        if last == query.name or last in aliases or len(aliases) == MAX_ALIASES:
            return tuple(aliases), Why.LOOP
        aliases.append(last)
    return tuple(aliases), None


def _absent(
    message: Message, query: Query, aliases: tuple[str, ...], ttls: list[int], *, secure: bool
) -> Reading:
    """No record at the end of the chain: absence, a chain that goes on, or a mere referral."""
    negative = _negative_ttl(message, aliases[-1] if aliases else query.name)
    ttl = min((*ttls, negative or 0))
    if message.rcode == dns.rcode.NXDOMAIN:
        return Reading(Answer(query.name, query.kind, Found.NO_NAME, (), ttl, secure, aliases))
    absent = Answer(query.name, query.kind, Found.NO_DATA, (), ttl, secure, aliases)
    if negative is None and aliases:
        return Reading(replace(absent, ttl=min(ttls)), open=True)
    if negative is None and _refers(message):
        return Reading(unknown(query.name, query.kind, Why.SERVFAIL, aliases))
    return Reading(replace(absent, proven=negative is not None))


def _negative_ttl(message: Message, name: str) -> int | None:
    """Of the SOA that says that `name` has no such record (RFC 2308 5); None without one."""
    for record in message.authority:
        if record.type == TYPES[Kind.SOA] and record.rdclass == dns.rdataclass.IN:
            zone = record.name
            if not zone or name == zone or name.endswith(f".{zone}"):
                return min(_ttl([record]), bounded_ttl(message.soa(record)[2][-1]))
    return None


def _refers(message: Message) -> bool:
    """It only names servers that may know (RFC 2308 2.2): no resolver says that."""
    servers = any(record.type == TYPES[Kind.NS] for record in message.authority)
    return servers and not message.flags & dns.flags.AA
