"""The whole of a domain's SPF, without a client: every term, include and redirect in its reach.

An evaluation stops at what matches; here nothing does, so it shows the most that a receiver may
have to ask, what is wrong anywhere, who is let through and how the record ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from monitor.model import SpfResult
from monitor.posture.labels import asked_name
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.spf.evaluation import Stop, published
from monitor.posture.spf.macros import MacroString, written_name
from monitor.posture.spf.record import Mech, Mechanism, Network, Record
from monitor.posture.spf.trace import (
    MAX_ADDRESSED,
    MAX_LOOKUPS,
    MAX_TEXT,
    MAX_VOIDS,
    Fault,
    Problem,
)

MAX_SURVEYED = 30
"""Terms that ask, of all records together: far beyond the ten that are allowed."""

_NAMED = frozenset({Mech.A, Mech.MX, Mech.EXISTS})
_KNOWN_LETTERS = frozenset("do")
"""Values that do not depend on a client or a local part."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One record of the tree."""

    depth: int
    """0 for the domain's own; one deeper belongs to the last one above it."""
    domain: str
    via: str
    """The term that leads here; empty for the domain's own record."""
    text: str
    lookups: int
    """Terms that ask in it and below it, with the one that leads here."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The first term that matches every client: what comes after it is never reached."""

    result: SpfResult
    domain: str
    term: str


@dataclass(frozen=True, slots=True)
class Passing:
    """A network whose mail passes."""

    network: Network
    domain: str
    term: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What a domain's record says, all in all."""

    domain: str
    branches: tuple[Branch, ...]
    """In the order in which they are reached, the domain's own first; empty where it has none."""
    faults: tuple[Fault, ...]
    """In that order too. Questions without an answer are among them."""
    lookups: int
    complete: bool
    """False: it ends at `MAX_SURVEYED`, and there may be more of everything."""
    voids: tuple[str, ...]
    """Names that terms ask for in vain, by IPv4 and IPv6."""
    closing: Closing | None
    """None: who is not named is neither let through nor refused (4.7)."""
    passing: tuple[Passing, ...]
    unfollowed: tuple[str, ...]
    """Terms whose macros depend on the client or the sender."""

    @property
    def unanswered(self) -> Fault | None:
        return next((f for f in self.faults if f.problem is Problem.UNANSWERED), None)

    @property
    def broken(self) -> Fault | None:
        """The first thing that is wrong, limits included."""
        wrong = (fault for fault in self.faults if fault.problem is not Problem.UNANSWERED)
        return next(wrong, None) or self._beyond_limits()

    def _beyond_limits(self) -> Fault | None:
        if self.lookups > MAX_LOOKUPS:
            return Fault(Problem.LOOKUPS, self.domain)
        return Fault(Problem.VOIDS, self.domain) if len(self.voids) > MAX_VOIDS else None

    @property
    def heaviest(self) -> Branch | None:
        """Which include or redirect of the domain's own record costs the most look-ups, if any
        costs more than its own.
        """
        own = (branch for branch in self.branches if branch.depth == 1 and branch.lookups > 1)
        return max(own, key=lambda branch: branch.lookups, default=None)


async def survey(names: Names, domain: str) -> Survey:
    """All that a domain's SPF reaches, in at most some 230 questions, mostly far fewer.

    Never raises for what names say.
    """
    walk = _Walk(names, domain)
    name = asked_name(domain)
    if name is None:
        return walk.told(None, Fault(Problem.BAD_DOMAIN, domain))
    seen = await walk.record(name, "", (name,), passing=True)
    return walk.told(seen.closing, None if seen.there else Fault(Problem.NO_RECORD, name))


@dataclass(frozen=True, slots=True)
class _Seen:
    """`there`: the name has a record, or that could not be found out."""

    there: bool
    closing: Closing | None = None


class _Walk:
    """What was met so far."""

    def __init__(self, names: Names, domain: str) -> None:
        self._names = names
        self._domain = domain
        self._branches: list[Branch] = []
        self._faults: list[Fault] = []
        self._lookups = 0
        self._room = MAX_TEXT
        self._voids: list[str] = []
        self._passing: list[Passing] = []
        self._unfollowed: list[str] = []

    def told(self, closing: Closing | None, fault: Fault | None) -> Survey:
        return Survey(
            self._domain, tuple(self._branches), (*((fault,) if fault else ()), *self._faults),
            min(self._lookups, MAX_SURVEYED), not self._full, tuple(self._voids),
            None if self._full else closing, tuple(self._passing), tuple(self._unfollowed),
        )  # fmt: skip

    @property
    def _full(self) -> bool:
        return self._lookups > MAX_SURVEYED

    async def record(self, domain: str, via: str, path: tuple[str, ...], passing: bool) -> _Seen:
        """One record and all below it. `passing`: a pass in it is a pass of the whole."""
        try:
            record = await published(self._names, domain, self._room)
        except Stop as stop:
            self._faults.append(stop.fault)
            return _Seen(there=True)
        if record is None:
            return _Seen(there=False)
        self._room -= len(record.text)
        at, before = len(self._branches), self._lookups
        closing = await self._terms(record, domain, path, passing)
        cost = self._lookups - before + bool(via)
        branch = Branch(len(path) - 1, domain, via, record.text, cost)
        self._branches.insert(at, branch)
        return _Seen(there=True, closing=closing)

    async def _terms(
        self, record: Record, domain: str, path: tuple[str, ...], passing: bool
    ) -> Closing | None:
        for mechanism in record.mechanisms:
            if closing := await self._term(mechanism, domain, path, passing):
                return closing
        if record.redirect is None:
            return None
        self._lookups += 1
        term = f"redirect={record.redirect.text}"
        return (await self._elsewhere(record.redirect, term, domain, path, passing)).closing

    async def _term(
        self, mechanism: Mechanism, domain: str, path: tuple[str, ...], passing: bool
    ) -> Closing | None:
        """A closing where it matches whoever it is."""
        self._lookups += mechanism.asks
        passing = passing and mechanism.qualifier is SpfResult.PASS
        if self._full or (self._lookups > MAX_LOOKUPS and mechanism.kind in _NAMED):
            return None  # it is an error by now: what they lead to changes nothing
        always = False
        match mechanism.kind:
            case Mech.ALL:
                always = True
            case Mech.INCLUDE if mechanism.target:
                seen = await self._elsewhere(
                    mechanism.target, mechanism.text, domain, path, passing
                )
                always = seen.closing is not None and seen.closing.result is SpfResult.PASS
            case Mech.EXISTS:
                always = await self._exists(mechanism, domain)
            case Mech.PTR:
                self._target(mechanism, domain)
            case _:
                networks = await self._networks(mechanism, domain)
                if passing:
                    self._passing.extend(Passing(n, domain, mechanism.text) for n in networks)
        return Closing(mechanism.qualifier, domain, mechanism.text) if always else None

    async def _elsewhere(
        self, spec: MacroString, term: str, domain: str, path: tuple[str, ...], passing: bool
    ) -> _Seen:
        if not self._followed(spec, term):
            return _Seen(there=True)
        name = self._name(spec, domain)
        if self._full:
            return _Seen(there=True)
        if name in path:
            self._faults.append(Fault(Problem.LOOP, domain, term))
            return _Seen(there=True)
        seen = _Seen(there=False)
        if name is not None:
            seen = await self.record(name, term, (*path, name), passing)
        if not seen.there:
            self._faults.append(Fault(Problem.NO_TARGET, domain, term))
        return seen

    def _followed(self, spec: MacroString, term: str) -> bool:
        if spec.letters <= _KNOWN_LETTERS:
            return True
        self._unfollowed.append(term)
        return False

    def _name(self, spec: MacroString, domain: str) -> str | None:
        return asked_name(written_name(spec, {"d": domain, "o": self._domain}))

    def _target(self, mechanism: Mechanism, domain: str) -> str | None:
        """The name that a term asks for; None for what depends on the client or is no name."""
        if mechanism.target is None:
            return domain
        if not self._followed(mechanism.target, mechanism.text):
            return None
        return self._name(mechanism.target, domain)

    async def _exists(self, mechanism: Mechanism, domain: str) -> bool:
        """A name that is the same for every client either lets all match or none."""
        name = self._target(mechanism, domain)
        if name is None:
            return False
        answer = await self._ask(name, Kind.A, domain, mechanism.text)
        self._note_void(name, (answer,))
        return answer.found is Found.FOUND

    async def _networks(self, mechanism: Mechanism, domain: str) -> Iterable[Network]:
        """Of `ip4`, `ip6`, `a` and `mx`."""
        if mechanism.network is not None:
            return (mechanism.network,)
        name = self._target(mechanism, domain)
        if name is None:
            return ()
        hosts: tuple[str, ...] = (name,)
        if mechanism.kind is Mech.MX:
            hosts = await self._exchanges(name, mechanism, domain)
        answers = [
            await self._ask(host, kind, domain, mechanism.text)
            for host in hosts
            for kind in (Kind.A, Kind.AAAA)
        ]
        if hosts:
            self._note_void(name, answers)
        return [network for answer in answers for network in _around(answer, mechanism)]

    async def _exchanges(self, name: str, mechanism: Mechanism, domain: str) -> tuple[str, ...]:
        answer = await self._ask(name, Kind.MX, domain, mechanism.text)
        self._note_void(name, (answer,))
        hosts = tuple(exchange.host for exchange in answer.exchanges if exchange.host)
        if len(hosts) > MAX_ADDRESSED:
            self._faults.append(Fault(Problem.MX_HOSTS, domain, mechanism.text))
        return hosts[:MAX_ADDRESSED]

    async def _ask(self, name: str, kind: Kind, domain: str, term: str) -> Answer:
        answer = await self._names.ask(name, kind)
        if answer.found is Found.UNKNOWN and answer.why is not Why.BAD_NAME:
            self._faults.append(Fault(Problem.UNANSWERED, domain, term, answer.why))
        return answer

    def _note_void(self, name: str, answers: Iterable[Answer]) -> None:
        if all(answer.found in {Found.NO_DATA, Found.NO_NAME} for answer in answers):
            self._voids.append(name)


def _around(answer: Answer, mechanism: Mechanism) -> Iterable[Network]:
    for address in answer.addresses:
        length = mechanism.ip4_length if address.version == 4 else mechanism.ip6_length
        yield ip_network((address, length), strict=False)
