"""Readings that still hold: bounded in number and in octets, the least used go first."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.posture.message import Reading
from monitor.posture.names import Found, Kind

LEAST_SECONDS = 5
"""A shorter time would ask the same question again within one check."""
MOST_SECONDS = 300
"""Shorter than the time until a fall is looked at again: what confirms it is not the same answer,
kept by us. Resolvers keep it for its whole TTL."""
UNKNOWN_SECONDS = 5
"""A time-out does not stick (RFC 2308 7)."""
MAX_OCTETS = 32 * 1024**2

_EACH_OCTETS = 500
"""What a reading takes beside its records and names."""

Key = tuple[str, Kind]


@dataclass(frozen=True, slots=True)
class _Kept:
    reading: Reading
    until: float
    octets: int


class Cache:
    """By name and type. `clock` gives seconds that only grow."""

    def __init__(self, entries: int, clock: Callable[[], float]) -> None:
        self._entries = entries
        self._clock = clock
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._octets = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Reading | None:
        """What holds still, with the seconds that are left of it, as one that nobody was asked."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        left = kept.until - self._clock()
        if left <= 0:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        answer = replace(kept.reading.answer, ttl=int(left), cached=True)
        return Reading(answer, kept.reading.open)

    def put(self, key: Key, reading: Reading) -> None:
        """Keep it as long as it says, within the bounds of this module."""
        if key in self._kept:
            self._drop(key)
        answer = reading.answer
        octets = _EACH_OCTETS + sum(map(len, (key[0], *answer.records, *answer.aliases)))
        self._kept[key] = _Kept(reading, self._clock() + lifetime(reading), octets)
        self._octets += octets
        while len(self._kept) > self._entries or self._octets > MAX_OCTETS:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._octets -= self._kept.pop(key).octets


def lifetime(reading: Reading) -> int:
    """Seconds that a reading is kept."""
    if reading.answer.found is Found.UNKNOWN:
        return UNKNOWN_SECONDS
    return min(max(reading.answer.ttl, LEAST_SECONDS), MOST_SECONDS)
