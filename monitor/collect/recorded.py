"""Whether what intake has handed over is safe, so that its source may let go of its own copy."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol

from monitor.errors import DatabaseUnavailable

QUESTION_ITEMS = 1000
"""Most identifiers of one question."""
PATIENCE_SECONDS, QUIET_SECONDS = 6.0, 15.0
"""How long an answer may take, and how long a database that gave none is not asked."""


class Recorded(Protocol):
    """Those of the items that nothing can lose any more; never raises for a database away."""

    async def __call__(self, ids: Sequence[str], /) -> set[str]: ...


class RecordedItems:
    """An item is safe when its row is committed, or when it lies in the quarantine.

    `committed` raises DatabaseUnavailable while the database is away: nothing is known then, and
    the mail stays where it is. `quarantined` blocks shortly.
    """

    def __init__(
        self,
        committed: Callable[[Sequence[str]], Awaitable[set[str]]],
        quarantined: Callable[[Sequence[str]], set[str]],
    ) -> None:
        self._committed = committed
        self._quarantined = quarantined
        self._quiet_until = 0.0

    async def __call__(self, ids: Sequence[str], /) -> set[str]:
        safe: set[str] = set()
        for start in range(0, len(ids), QUESTION_ITEMS):
            asked = ids[start : start + QUESTION_ITEMS]
            if monotonic() < self._quiet_until:
                break
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    safe |= await self._committed(asked)
            except (DatabaseUnavailable, TimeoutError):
                self._quiet_until = monotonic() + QUIET_SECONDS
        return safe | self._quarantined([one for one in ids if one not in safe])
