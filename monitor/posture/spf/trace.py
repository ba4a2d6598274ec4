"""What an evaluation leaves behind, so that it can be shown why it came out as it did."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.model import SpfResult
from monitor.posture.names import Why
from monitor.posture.spf.record import Network

MAX_LOOKUPS = 10
"""Terms that ask, in one evaluation (RFC 7208 4.6.4)."""
MAX_VOIDS = 2
"""Terms that ask in vain."""
MAX_ADDRESSED = 10
"""Hosts of one `mx`, names of one `ptr`, whose addresses are asked for."""


MAX_TEXT = 65_536
"""Characters of all records of one evaluation. RFC 7208 has no such limit: 3.4 asks for records
that fit a packet, of some 450, and ten can be included."""


class Problem(StrEnum):
    """Why an evaluation gives none, permerror or temperror."""

    BAD_DOMAIN = "bad_domain"
    """none: no name that could be asked for (4.3)."""
    NO_RECORD = "no_record"
    """none (4.5)"""
    SEVERAL_RECORDS = "several_records"
    SYNTAX = "syntax"
    LOOKUPS = "lookups"
    VOIDS = "voids"
    MX_HOSTS = "mx_hosts"
    """An `mx` with more than ten hosts."""
    NO_TARGET = "no_target"
    """`include` or `redirect` of a name without a record (5.2, 6.1)."""
    LOOP = "loop"
    """A record that is part of itself: it would go on to the limit of look-ups."""
    TOO_LONG = "too_long"
    """More than `MAX_TEXT` to read."""
    UNANSWERED = "unanswered"
    """temperror: `why` says what became of the question."""


class Outcome(StrEnum):
    """What became of a term."""

    MATCH = "match"
    NO_MATCH = "no_match"
    ENDED = "ended"
    """The evaluation ended in it with an error."""


@dataclass(frozen=True, slots=True)
class Step:
    """A term that asked or decided, in the order in which they were reached."""

    depth: int
    """0 for the domain's own record; a step deeper belongs to the last one above it."""
    domain: str
    """Whose record the term stands in."""
    term: str
    outcome: Outcome
    cost: int
    """Look-ups by it and all below it."""
    void: bool = False
    """It asked in vain."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where something is wrong."""

    problem: Problem
    domain: str
    """In whose record."""
    term: str = ""
    why: Why | None = None
    """Of an unanswered question."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `check_host` says of one client and one sender, and how it came to it."""

    result: SpfResult
    fault: Fault | None = None
    """None where a term or the end of the record decided."""
    decided_by: Step | None = None
    """The term that matched, in the record where it stands; None where none did (4.7)."""
    steps: tuple[Step, ...] = ()
    lookups: int = 0
    """Terms that asked; at most one more than `MAX_LOOKUPS`."""
    voids: int = 0
    compared: tuple[Network, ...] = ()
    """Networks that the client was compared with, in their order."""
    varies: bool = False
    """Something but those networks depends on the client's address: a macro, or `ptr`."""
