"""What is asked of the names system, and what may come back (RFC 1034, 1035).

A rule of this room asks through `Names` and is given an `Answer`, whatever went wrong: an error is
an answer whose status is `unknown` and says why. So a rule cannot mistake silence for absence.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol

MAX_NAME = 253
"""Octets of a name in its text form, without the final dot (RFC 1035 2.3.4)."""
MAX_ALIASES = 10
"""CNAMEs that are followed for one question: as many as resolvers in use do (Unbound 11)."""


class Kind(StrEnum):
    """Types of records that are asked for."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    DNSKEY = "DNSKEY"
    DS = "DS"
    MX = "MX"
    NS = "NS"
    PTR = "PTR"
    SOA = "SOA"
    TXT = "TXT"


class Found(StrEnum):
    """What became of a question."""

    FOUND = "found"
    NO_DATA = "no_data"
    """The name is there and has no such record (RFC 2308 2.2)."""
    NO_NAME = "no_name"
    """Neither the name nor anything below it is there (NXDOMAIN, RFC 8020)."""
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why an answer is `unknown`."""

    NO_RESOLVER = "no_resolver"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    SERVFAIL = "servfail"
    """As of a lame delegation."""
    BOGUS = "bogus"
    """A validating resolver refuses what it gives without validation: DNSSEC is broken."""
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    LOOP = "loop"
    """A chain of aliases without end, or longer than is followed."""
    NOT_ASKED = "not_asked"
    """The process that asks was not there, or had too much to do."""
    BAD_NAME = "bad_name"
    """It cannot be asked for: a label of 64 octets, an empty one, 254 octets in all."""


@dataclass(frozen=True, slots=True)
class Mx:
    """RFC 1035 3.3.9; `host` is empty for the null MX (RFC 7505)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to one question. Names are lower case A-labels without the final dot."""

    name: str
    kind: Kind
    found: Found
    records: tuple[str, ...] = ()
    """TXT: the strings of each record joined, one character an octet (latin-1). MX: as `exchanges`
    reads them. Addresses and names: themselves. DNSKEY, DS, SOA: their presentation form."""
    ttl: int = 0
    """Seconds that it holds from now; of an absence the time of RFC 2308 5, bounded."""
    secure: bool = False
    """A validating resolver vouches for it (AD). Only where dns.validating says so."""
    aliases: tuple[str, ...] = ()
    """The chain of CNAMEs that was followed, `name` left out."""
    why: Why | None = None
    """Of an unknown one."""
    proven: bool = True
    """False: an absence that no SOA speaks for (RFC 2308 2), as some forwarders give it, and
    resolvers do that were led round by a lame server."""
    cached: bool = False
    """Nobody was asked for it now."""

    @property
    def exchanges(self) -> tuple[Mx, ...]:
        """Of MX, by preference."""
        pairs = (record.split(" ", 1) for record in self.records)
        return tuple(sorted((Mx(int(a), b) for a, b in pairs), key=lambda mx: mx.preference))

    @property
    def addresses(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """Of A and AAAA."""
        return tuple(ip_address(record) for record in self.records)


class Names(Protocol):
    """Whoever answers questions: the resolver of this room, or a zone in a test."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        """Never raises for what a name or an answer says."""
        ...


class Counted(Names):
    """Names, and how many questions went out for them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.questions = 0

    async def ask(self, name: str, kind: Kind) -> Answer:
        """As `Names.ask`."""
        answer = await self._names.ask(name, kind)
        self.questions += not answer.cached
        return answer
