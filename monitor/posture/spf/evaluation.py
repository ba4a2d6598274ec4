"""check_host: may this client send for this domain (RFC 7208 4)."""

import asyncio
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_network

from monitor.model import SpfResult
from monitor.posture.labels import asked_name
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.spf.macros import MacroString, address_value, reverse_name, written_name
from monitor.posture.spf.record import (
    Mech,
    Mechanism,
    Network,
    Record,
    SpfSyntaxError,
    read_record,
    spf_texts,
)
from monitor.posture.spf.trace import (
    MAX_ADDRESSED,
    MAX_LOOKUPS,
    MAX_TEXT,
    MAX_VOIDS,
    Evaluation,
    Fault,
    Outcome,
    Problem,
    Step,
)

SECONDS = 20.0
"""Of a whole evaluation (4.6.4)."""
MAX_LOCAL_PART = 256
"""Characters that macros make something of; RFC 5321 4.5.3.1.1 allows 64."""

_TEMPORARY = frozenset({Problem.UNANSWERED})
_NONE = frozenset({Problem.BAD_DOMAIN, Problem.NO_RECORD})
_UNKNOWN_NAME = "unknown"
"""Of the letter p where no name of the client holds (7.3)."""

Client = IPv4Address | IPv6Address


async def check_host(
    names: Names, client: Client, domain: str, sender: str, helo: str, seconds: float = SECONDS
) -> Evaluation:
    """May `client` send as `sender`, judged by the record of `domain`.

    `domain` is that of the sender, or the HELO name where the sender is empty (2.4). Never raises
    for what names say: what is not answered in `seconds` is a temperror. At most some 130 names are
    asked for.
    """
    evaluator = Evaluator(names, client, domain, sender, helo)
    try:
        async with asyncio.timeout(seconds):
            return await evaluator.evaluate()
    except TimeoutError:
        return evaluator.ended(Fault(Problem.UNANSWERED, domain, why=Why.TIMEOUT))


class Stop(Exception):
    """The evaluation ends with an error, however deep it is."""

    def __init__(self, problem: Problem, domain: str, term: str = "", why: Why | None = None):
        super().__init__(problem)
        self.fault = Fault(problem, domain, term, why)


async def published(names: Names, domain: str, room: int) -> Record | None:
    """The record of a domain (4.4, 4.5), of at most `room` characters; None where there is none.

    Raises Stop for all else.
    """
    answer = await names.ask(domain, Kind.TXT)
    _answered(answer, domain)
    texts = spf_texts(answer.records)
    if len(texts) > 1:
        raise Stop(Problem.SEVERAL_RECORDS, domain)
    if not texts:
        return None
    if len(texts[0]) > room:
        raise Stop(Problem.TOO_LONG, domain)
    try:
        return read_record(texts[0])
    except SpfSyntaxError as error:
        raise Stop(Problem.SYNTAX, domain, str(error)) from None


def _answered(answer: Answer, domain: str, term: str = "") -> None:
    """A name that cannot be asked for is one that is not there (4.3, 4.8)."""
    if answer.found is Found.UNKNOWN and answer.why is not Why.BAD_NAME:
        raise Stop(Problem.UNANSWERED, domain, term, answer.why)


class Evaluator:
    """One evaluation: what it has asked so far, and the values of its macros."""

    def __init__(self, names: Names, client: Client, domain: str, sender: str, helo: str) -> None:
        self._names = names
        self._domain = domain.removesuffix(".")
        self._client = _plain(client)
        self._kind = Kind.A if self._client.version == 4 else Kind.AAAA
        self._values = _values(self._client, sender or f"postmaster@{self._domain}", helo)
        self._validated: tuple[str, ...] | None = None
        self._steps: list[Step] = []
        self._decided_by: Step | None = None
        self._compared: list[Network] = []
        self._lookups = self._voids = 0
        self._room = MAX_TEXT
        self._varies = False
        self.explained_by: tuple[str, MacroString | None] = (self._domain, None)
        """Domain and `exp` of the record that decided (6.2)."""

    async def evaluate(self) -> Evaluation:
        """The result for the domain. Never raises for what names say."""
        name = asked_name(self._domain)
        if name is None or "." not in name:
            return self.ended(Fault(Problem.BAD_DOMAIN, self._domain))
        domain = self._domain if self._domain.isascii() else name
        try:
            result = await self._judge(domain, (name,))
        except Stop as stop:
            return self.ended(stop.fault)
        if result is None:
            return self.ended(Fault(Problem.NO_RECORD, domain))
        return self._evaluation(result, None)

    def ended(self, fault: Fault) -> Evaluation:
        """Without a decision."""
        if fault.problem in _NONE:
            return self._evaluation(SpfResult.NONE, fault)
        temporary = fault.problem in _TEMPORARY
        return self._evaluation(SpfResult.TEMPERROR if temporary else SpfResult.PERMERROR, fault)

    def _evaluation(self, result: SpfResult, fault: Fault | None) -> Evaluation:
        return Evaluation(
            result, fault, None if fault else self._decided_by, tuple(self._steps),
            self._lookups, self._voids, tuple(self._compared), self._varies,
        )  # fmt: skip

    async def values(self, domain: str, letters: frozenset[str]) -> Mapping[str, str]:
        """Of macros in a record of `domain` (7.2)."""
        values = {**self._values, "d": domain}
        if "p" in letters:
            values["p"] = _preferred(await self._validated_names(), domain)
        return values

    async def _judge(self, domain: str, path: tuple[str, ...]) -> SpfResult | None:
        """By the record of one domain; None where it has none. `path`: records it is part of."""
        record = await published(self._names, domain, self._room)
        if record is None:
            return None
        self._room -= len(record.text)
        for mechanism in record.mechanisms:
            if await self._reached(mechanism, domain, path):
                self.explained_by = (domain, record.exp)
                return mechanism.qualifier
        if record.redirect is None:
            return SpfResult.NEUTRAL
        return await self._redirected(record.redirect, domain, path)

    async def _reached(self, mechanism: Mechanism, domain: str, path: tuple[str, ...]) -> bool:
        """Whether it matches; what asked or matched is left in the trace."""
        before, at = (self._lookups, self._voids), len(self._steps)
        matched = False
        outcome = Outcome.ENDED
        try:
            matched = await self._matches(mechanism, domain, path)
            outcome = Outcome.MATCH if matched else Outcome.NO_MATCH
        finally:
            if mechanism.asks or matched:
                cost, void = self._lookups - before[0], self._voids > before[1]
                void = void and mechanism.kind is not Mech.INCLUDE
                step = Step(len(path) - 1, domain, mechanism.text, outcome, cost, void)
                self._steps.insert(at, step)
                self._decided_by = step if matched else None
        return matched

    async def _matches(self, mechanism: Mechanism, domain: str, path: tuple[str, ...]) -> bool:
        if mechanism.kind is Mech.ALL:
            return True
        if mechanism.network is not None:
            return self._within((mechanism.network,))
        self._spend(domain, mechanism.text)
        if mechanism.kind is Mech.INCLUDE:
            return await self._included(mechanism, domain, path)
        name = await self._target(mechanism.target, domain)
        return name is not None and await self._holds_for(mechanism, name, domain)

    async def _holds_for(self, mechanism: Mechanism, name: str, domain: str) -> bool:
        match mechanism.kind:
            case Mech.A:
                return await self._has_address(mechanism, name, domain)
            case Mech.MX:
                return await self._has_exchange(mechanism, name, domain)
            case Mech.EXISTS:
                return bool((await self._ask(name, Kind.A, domain, mechanism.text)).records)
            case _:
                return await self._is_named(name)

    def _spend(self, domain: str, term: str) -> None:
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise Stop(Problem.LOOKUPS, domain, term)

    def _in_vain(self, domain: str, term: str) -> None:
        self._voids += 1
        if self._voids > MAX_VOIDS:
            raise Stop(Problem.VOIDS, domain, term)

    async def _ask(self, name: str, kind: Kind, domain: str, term: str) -> Answer:
        """The one question of a term: to ask it in vain counts (4.6.4)."""
        answer = await self._names.ask(name, kind)
        _answered(answer, domain, term)
        if answer.found is not Found.FOUND:
            self._in_vain(domain, term)
        return answer

    async def _target(self, spec: MacroString | None, domain: str) -> str | None:
        """The name that a term is about, or None for what cannot be a name: it matches nothing.

        Letters beyond ASCII come from the local part of a sender alone, and match nothing either
        (RFC 8616 4).
        """
        if spec is None:
            return domain
        letters = spec.letters
        self._varies = self._varies or bool(letters & {"i", "p"})
        name = written_name(spec, await self.values(domain, letters))
        return name if name.isascii() and asked_name(name) else None

    def _within(self, networks: Iterable[Network]) -> bool:
        for network in networks:
            self._compared.append(network)
            if self._client in network:
                return True
        return False

    async def _has_address(self, mechanism: Mechanism, name: str, domain: str) -> bool:
        """5.3"""
        answer = await self._ask(name, self._kind, domain, mechanism.text)
        return self._within(self._around(answer, mechanism))

    def _around(self, answer: Answer, mechanism: Mechanism) -> Iterable[Network]:
        length = mechanism.ip4_length if self._client.version == 4 else mechanism.ip6_length
        return (ip_network((each, length), strict=False) for each in answer.addresses)

    async def _has_exchange(self, mechanism: Mechanism, name: str, domain: str) -> bool:
        """5.4: the hosts of MX records; the name itself is none of them."""
        answer = await self._ask(name, Kind.MX, domain, mechanism.text)
        hosts = [exchange.host for exchange in answer.exchanges if exchange.host]
        if len(hosts) > MAX_ADDRESSED:
            raise Stop(Problem.MX_HOSTS, domain, mechanism.text)
        found = False
        for host in hosts:
            addresses = await self._names.ask(host, self._kind)
            _answered(addresses, domain, mechanism.text)
            if self._within(self._around(addresses, mechanism)):
                return True
            found = found or addresses.found is Found.FOUND
        if hosts and not found:
            self._in_vain(domain, mechanism.text)
        return False

    async def _is_named(self, name: str) -> bool:
        """5.5"""
        self._varies = True
        return any(_is_below(each, name.lower()) for each in await self._validated_names())

    async def _validated_names(self) -> tuple[str, ...]:
        """Names of the client's address that have it as theirs (5.5).

        What goes wrong here matches nothing: the client's names are not the domain's doing.
        """
        if self._validated is None:
            answer = await self._names.ask(reverse_name(self._client), Kind.PTR)
            first = answer.records[:MAX_ADDRESSED]
            self._validated = tuple([name for name in first if await self._holds(name)])
        return self._validated

    async def _holds(self, name: str) -> bool:
        return self._client in (await self._names.ask(name, self._kind)).addresses

    async def _included(self, mechanism: Mechanism, domain: str, path: tuple[str, ...]) -> bool:
        """5.2: a pass there is a match here."""
        result = await self._elsewhere(mechanism.target, mechanism.text, domain, path)
        return result is SpfResult.PASS

    async def _redirected(self, spec: MacroString, domain: str, path: tuple[str, ...]) -> SpfResult:
        """6.1"""
        term, before, at = f"redirect={spec.text}", self._lookups, len(self._steps)
        outcome = Outcome.ENDED
        try:
            self._spend(domain, term)
            result = await self._elsewhere(spec, term, domain, path)
            outcome = Outcome.MATCH
        finally:
            step = Step(len(path) - 1, domain, term, outcome, self._lookups - before)
            self._steps.insert(at, step)
        return result

    async def _elsewhere(
        self, spec: MacroString | None, term: str, domain: str, path: tuple[str, ...]
    ) -> SpfResult:
        """By another domain's record, which must be there."""
        name = await self._target(spec, domain)
        if name is None:
            raise Stop(Problem.NO_TARGET, domain, term)
        if name.lower() in path:
            raise Stop(Problem.LOOP, domain, term)
        result = await self._judge(name, (*path, name.lower()))
        if result is None:
            raise Stop(Problem.NO_TARGET, domain, term)
        return result


def _plain(client: Client) -> Client:
    """An IPv4 address in IPv6's clothes is one (5); a zone is none of the address."""
    if isinstance(client, IPv6Address):
        return client.ipv4_mapped or IPv6Address(int(client))
    return client


def _values(client: Client, sender: str, helo: str) -> Mapping[str, str]:
    """Of all letters but d and p (7.2)."""
    local, at, of = sender.rpartition("@")
    local = (local if at else "")[:MAX_LOCAL_PART] or "postmaster"
    return {
        "s": f"{local}@{of}",
        "l": local,
        "o": of,
        "i": address_value(client),
        "v": "in-addr" if client.version == 4 else "ip6",
        "h": helo,
    }


def _is_below(name: str, top: str) -> bool:
    return name == top or name.endswith(f".{top}")


def _preferred(validated: tuple[str, ...], domain: str) -> str:
    """Of the client's names the domain itself, else one below it, else any (7.3)."""
    if not validated:
        return _UNKNOWN_NAME
    top = domain.lower()
    return min(validated, key=lambda name: (name != top, not _is_below(name, top)))
