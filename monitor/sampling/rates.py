"""A node's copy of the shared record of rates."""

import asyncio
import time
from collections.abc import Callable, Sequence

from monitor.clock import Clock
from monitor.model import Channel
from monitor.record.sampling import SetRate, in_force

LEAD_SECONDS = 30.0
"""Between the decision on a rate and the instant at which it comes into force."""
MOST_AGE_SECONDS = 20.0
"""An older copy decides nothing: it may miss a rate that other nodes decide by already. What is
left to the lead is for clocks that differ and for the transaction that wrote the rate."""


class Rates:
    """The copy, and waiting for a fresh one."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._rows: tuple[SetRate, ...] = ()
        self._read_at: float | None = None
        self._news = asyncio.Event()

    def take(self, rows: Sequence[SetRate], asked_at: float) -> None:
        """What the record said when it was asked, by the monotonic clock."""
        self._rows, self._read_at = tuple(rows), asked_at
        self._news.set()

    @property
    def fresh(self) -> bool:
        """Is the copy young enough to decide by?"""
        age = None if self._read_at is None else self._monotonic() - self._read_at
        return age is not None and age <= MOST_AGE_SECONDS

    async def of(self, channel: Channel) -> float:
        """The rate in force; waits until the copy is fresh."""
        while not self.fresh:
            self._news.clear()
            await self._news.wait()
        return self.now(channel)

    def now(self, channel: Channel) -> float:
        """The rate in force as far as the copy knows."""
        return in_force(self._rows, channel, self._clock())

    @property
    def rows(self) -> tuple[SetRate, ...]:
        """The copy itself."""
        return self._rows
