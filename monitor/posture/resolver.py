"""Names as the operator's resolvers tell them: asked once at a time, kept as long as they hold.

A question goes to the resolvers in turn until one answers; whatever is wrong with all of them is
an answer that says `unknown`. Nothing but the configured resolvers is ever sent anything.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from monitor.posture.cache import Cache, Key
from monitor.posture.exchange import Upstream, exchange
from monitor.posture.labels import asked_name
from monitor.posture.message import Reading, unknown
from monitor.posture.names import MAX_ALIASES, Answer, Found, Kind, Names, Why
from monitor.posture.wire import Rules, Statistics

REST_SECONDS = 30.0
"""A resolver that did not answer is asked after the others for so long."""
_PAUSE_SECONDS = 0.2
"""Before the same resolver is asked the same again."""


class Resolver(Names):
    """Asks, within the bounds of its rules; for one event loop."""

    def __init__(self, rules: Rules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._upstreams = tuple(Upstream(address, port) for address, port in rules.resolvers)
        self._silent_until: dict[Upstream, float] = {}
        self._cache = Cache(rules.cache_entries, clock)
        self._under_way: dict[Key, asyncio.Future[Reading | None]] = {}
        self._gate = asyncio.Semaphore(rules.concurrency)
        self._questions: Counter[str] = Counter()
        self._cached = 0

    @property
    def statistics(self) -> Statistics:
        """What was asked so far."""
        return Statistics(
            questions=dict(self._questions), cached=self._cached, cache_entries=len(self._cache)
        )

    def lane(self, width: int) -> "Lane":
        """Names for many who are in no hurry: so many of their questions at a time at most."""
        return Lane(self, asyncio.Semaphore(max(1, width)))

    async def ask(self, name: str, kind: Kind) -> Answer:
        """Follows aliases over as many answers as it takes, `MAX_ALIASES` in all."""
        asked = asked_name(name)
        if asked is None:
            return unknown(name, kind, Why.BAD_NAME)
        if not self._upstreams:
            return unknown(asked, kind, Why.NO_RESOLVER)
        whole = await self._one(asked, kind)
        while whole.open:
            whole = await self._further(whole)
        return whole.answer

    async def _further(self, whole: Reading) -> Reading:
        """The chain so far with what is said of its last name."""
        answer = whole.answer
        next_name = asked_name(answer.aliases[-1])
        if next_name is None:
            return Reading(unknown(answer.name, answer.kind, Why.BAD_NAME, answer.aliases))
        part = await self._one(next_name, answer.kind)
        aliases = (*answer.aliases, *part.answer.aliases)
        if len(aliases) > MAX_ALIASES or len({answer.name, *aliases}) <= len(aliases):
            return Reading(unknown(answer.name, answer.kind, Why.LOOP, aliases[:MAX_ALIASES]))
        joined = replace(
            part.answer,
            name=answer.name,
            aliases=aliases,
            ttl=min(answer.ttl, part.answer.ttl),
            secure=answer.secure and part.answer.secure,
            cached=answer.cached and part.answer.cached,
        )
        return Reading(joined, part.open)

    async def _one(self, name: str, kind: Kind) -> Reading:
        """Out of the cache, from who asks the same now, or from a resolver."""
        key = (name, kind)
        while True:
            held = self._cache.get(key)
            if held is None:
                under_way = self._under_way.get(key)
                if under_way is None:
                    return await self._lead(key)
                # What it waits for is not its own: to be given up ends nobody else's question.
                told = await asyncio.shield(under_way)
                held = told and Reading(replace(told.answer, cached=True), told.open)
            if held is not None:
                self._cached += 1
                return held

    async def _lead(self, key: Key) -> Reading:
        """Ask, for all who want to know; given up, one of them asks in its place."""
        under_way = self._under_way[key] = asyncio.get_running_loop().create_future()
        reading: Reading | None = None
        try:
            reading = await self._asked(*key)
            self._cache.put(key, reading)
            self._questions[reading.answer.why or reading.answer.found] += 1
            return reading
        finally:
            del self._under_way[key]
            under_way.set_result(reading)

    async def _asked(self, name: str, kind: Kind) -> Reading:
        """One resolver after the other, as often as the rules say."""
        order = sorted(self._upstreams, key=self._is_silent)
        reading = Reading(unknown(name, kind, Why.TIMEOUT))
        for turn in range(self._rules.tries):
            if turn >= len(order):
                await asyncio.sleep(_PAUSE_SECONDS * (turn // len(order)))
            upstream = order[turn % len(order)]
            reading = await self._exchange(upstream, name, kind)
            why = reading.answer.why
            self._silent_until[upstream] = (
                self._clock() + REST_SECONDS if why is Why.TIMEOUT else 0.0
            )
            if why is Why.SERVFAIL and await self._is_bogus(upstream, name, kind):
                return Reading(unknown(name, kind, Why.BOGUS))
            if why in {None, Why.LOOP, Why.TOO_LARGE}:
                break
        return reading

    def _is_silent(self, upstream: Upstream) -> bool:
        return self._silent_until.get(upstream, 0.0) > self._clock()

    async def _is_bogus(self, upstream: Upstream, name: str, kind: Kind) -> bool:
        """Has the resolver an answer that only DNSSEC forbids (RFC 4035 3.2.2)?

        Asked for once more as before: servers that answer now and then look the same at first.
        """
        if not self._rules.validating:
            return False
        raw = await self._exchange(upstream, name, kind, unchecked=True)
        if raw.answer.found is Found.UNKNOWN:
            return False
        again = await self._exchange(upstream, name, kind)
        return again.answer.why is Why.SERVFAIL

    async def _exchange(
        self, upstream: Upstream, name: str, kind: Kind, *, unchecked: bool = False
    ) -> Reading:
        async with self._gate:
            return await exchange(
                upstream, name, kind, self._rules.timeout_seconds,
                dnssec=self._rules.validating, unchecked=unchecked,
            )  # fmt: skip


class Lane(Names):
    """A part of the resolver's width, so that who waits for an answer is not behind all others."""

    def __init__(self, names: Names, gate: asyncio.Semaphore) -> None:
        self._names = names
        self._gate = gate

    async def ask(self, name: str, kind: Kind) -> Answer:
        """As the resolver does, when there is room."""
        async with self._gate:
            return await self._names.ask(name, kind)
