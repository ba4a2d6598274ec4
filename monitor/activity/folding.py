"""From what log lines say to what the record keeps: our own people's days, nobody else's."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fnmatch import translate

from monitor.activity.lines import Found
from monitor.agencies.names import address_key
from monitor.clock import Clock, vietnam_day
from monitor.record.database import FIRST_MONTH

AHEAD = timedelta(days=2)
"""How far a log's clock may be ahead of ours."""

Belongs = Callable[[str, date], str | None]
"""The code of the agency that an address (as `address_key` gives it) is of on a day."""


class LeftOut(StrEnum):
    """Why something that a log says is not kept."""

    NO_ADDRESS = "no_address"
    FOREIGN = "foreign"
    """Of no agency of ours on that day."""
    SYSTEM = "system"
    DAY = "day"
    """Before 2015 or in the future."""


@dataclass(slots=True)
class Folded:
    """What is kept of some lines."""

    activity: dict[tuple[str, date], int] = field(default_factory=dict)
    """Kinds as bits, of an address on a day."""
    sent: dict[str, tuple[date, str]] = field(default_factory=dict)
    """Message-ID to day of sending and code of the sender's agency."""
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    """Addresses of a day, and messages, by the reason."""

    def add(self, other: "Folded") -> None:
        """Take in what later lines give."""
        for place, kinds in other.activity.items():
            self.activity[place] = self.activity.get(place, 0) | kinds
        self.sent = other.sent | self.sent
        self.left_out.update(other.left_out)

    @property
    def days(self) -> set[date]:
        return {day for _, day in self.activity} | {day for day, _ in self.sent.values()}

    @property
    def addresses(self) -> set[str]:
        return {address for address, _ in self.activity}

    @property
    def codes(self) -> set[str]:
        return {code for _, code in self.sent.values()}


class Folding:
    """Keeps what is our own people's."""

    def __init__(self, belongs: Belongs, system: Iterable[str], clock: Clock) -> None:
        """`system`: patterns of addresses that nobody reads (settings.accounts.system)."""
        self._belongs = belongs
        patterns = [translate(pattern.lower()) for pattern in system]
        self._system = re.compile("|".join(patterns)) if patterns else None
        self._clock = clock

    def fold(self, found: Found) -> Folded:
        """What is kept, and why the rest is not."""
        kept = Folded()
        last = vietnam_day(self._clock()) + AHEAD
        keys: dict[str, str | LeftOut] = {}
        for (address, day), kinds in found.activity.items():
            judged = self._judged(address, day, last, keys)
            if isinstance(judged, LeftOut):
                kept.left_out[judged] += 1
            else:
                place = (judged[0], day)
                kept.activity[place] = kept.activity.get(place, 0) | kinds
        for message_id, (sender, day) in found.sent.items():
            judged = self._judged(sender, day, last, keys)
            if isinstance(judged, LeftOut):
                kept.left_out[judged] += 1
            else:
                kept.sent[message_id] = (day, judged[1])
        return kept

    def _judged(
        self, address: str, day: date, last: date, keys: dict[str, str | LeftOut]
    ) -> tuple[str, str] | LeftOut:
        """The address for comparison and the code of its agency, or why it is left out."""
        if not FIRST_MONTH <= day <= last:
            return LeftOut.DAY
        key = keys.get(address)
        if key is None:
            key = keys[address] = self._ours(address)
        if isinstance(key, LeftOut):
            return key
        code = self._belongs(key, day)
        return LeftOut.FOREIGN if code is None else (key, code)

    def _ours(self, address: str) -> str | LeftOut:
        key = address_key(address)
        if key is None:
            return LeftOut.NO_ADDRESS
        return LeftOut.SYSTEM if self._system and self._system.match(key) else key


def by_reason(left_out: Mapping[LeftOut, int]) -> dict[str, int]:
    """For metrics: every reason, at 0 too."""
    return {reason.value: left_out.get(reason, 0) for reason in LeftOut}
