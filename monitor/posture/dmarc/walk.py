"""Whose policy holds for a domain, and which organisation it is of (RFC 9989 4.10).

RFC 9989 asks names upward where RFC 7489 took the Public Suffix List: no list is needed, an
organisation without a record is each of its domains by itself, and a record between a domain and
its organisation's counts only where it says `psd=n`.
"""

from dataclasses import dataclass

from monitor.posture.answers import silent
from monitor.posture.dmarc.record import Record, is_nearly, is_record, read_record
from monitor.posture.names import Answer, Found, Kind, Names

MAX_QUERIES = 8
"""Of one walk (RFC 9989 4.10)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question that could decide was not answered."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Published:
    """What stands at `_dmarc.<domain>`."""

    domain: str
    answer: Answer

    @property
    def texts(self) -> tuple[str, ...]:
        """Those that are DMARC records; only a single one holds."""
        return tuple(filter(is_record, self._all))

    @property
    def nearly(self) -> tuple[str, ...]:
        """Those that were meant to be."""
        return tuple(filter(is_nearly, self._all))

    @property
    def _all(self) -> tuple[str, ...]:
        return self.answer.records if self.answer.found is Found.FOUND else ()

    @property
    def record(self) -> Record | None:
        """The one that holds: of several none does (RFC 9989 4.10, step 2)."""
        return read_record(self.texts[0]) if len(self.texts) == 1 else None


@dataclass(frozen=True, slots=True)
class Discovery:
    """The record that holds for a domain, and all that was seen on the way to it."""

    domain: str
    at: str | None
    """Whose record it is; None if none holds."""
    record: Record | None
    seen: tuple[Published, ...]
    """In the order of the walk."""

    @property
    def inherited(self) -> bool:
        """It is not the domain's own: `sp` or `np` hold."""
        return self.at is not None and self.at != self.domain


def steps(domain: str) -> tuple[str, ...]:
    """Names that a walk asks of, the domain first; of long ones the middle is left out."""
    labels = domain.split(".")
    rest = labels[1:] if len(labels) < MAX_QUERIES else labels[1 - MAX_QUERIES :]
    return (domain, *(".".join(rest[i:]) for i in range(len(rest))))


async def published(names: Names, domain: str) -> Published | Unknown:
    """Ask one name."""
    answer = await names.ask(f"_dmarc.{domain}", Kind.TXT)
    if silent(answer):
        return Unknown(answer)
    return Published(domain, answer)


async def organisational_domain(names: Names, domain: str) -> str | Unknown:
    """Which organisation a domain is of (RFC 9989 4.10.2); of one without records, itself.

    Two domains are aligned in the relaxed way if theirs are equal. Equal domains always are: ask
    nobody then, since one silent name above makes this `Unknown`.
    """
    seen = await _walk(names, domain)
    return seen if isinstance(seen, Unknown) else _organisation(domain, seen)


async def discover(names: Names, domain: str) -> Discovery | Unknown:
    """The record that holds for a domain (RFC 9989 4.10.1): its own, that of its organisation,
    that of the public suffix above. With one of its own nothing above is asked.
    """
    own = await published(names, domain)
    if isinstance(own, Unknown):
        return own
    if own.record is not None:
        return Discovery(domain, domain, own.record, (own,))
    seen = await _walk(names, domain)
    if isinstance(seen, Unknown):
        return seen
    organisation = _organisation(domain, seen)
    holding = [one for one in seen if one.record is not None]
    chosen = next((one for one in holding if one.domain == organisation), None)
    suffix = next((one for one in holding if one.record and one.record.psd == "y"), None)
    if (found := chosen or suffix) is None:
        return Discovery(domain, None, None, seen)
    return Discovery(domain, found.domain, found.record, seen)


async def _walk(names: Names, domain: str) -> tuple[Published, ...] | Unknown:
    seen: list[Published] = []
    for name in steps(domain):
        here = await published(names, name)
        if isinstance(here, Unknown):
            return here
        seen.append(here)
        if here.record is not None and here.record.psd != "u":
            break
    return tuple(seen)


def _organisation(domain: str, seen: tuple[Published, ...]) -> str:
    holding = [(one.domain, one.record) for one in seen if one.record is not None]
    for name, record in holding:
        if record.psd == "n":
            return name
        if record.psd == "y" and name != domain:
            return ".".join(domain.split(".")[-(name.count(".") + 2) :])
    return holding[-1][0] if holding else domain
