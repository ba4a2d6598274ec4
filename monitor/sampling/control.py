"""When the rate steps down and up: pure, without clock and database.

A node is behind when its oldest waiting item is too old and its age still grows though records are
written: then verifying is what takes too long, and less of it helps. Where the database is what
keeps items waiting, a lower rate would lose verdicts for nothing.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from monitor.record.sampling import ALL, SetRate, Stand, newest
from monitor.settings import SamplingSettings

STEPS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
WATCHED_SECONDS = 60.0
"""A backlog grows if its oldest item is older than so long before."""


class Watch:
    """The age of this node's oldest item over the last minute."""

    def __init__(self, settings: SamplingSettings) -> None:
        self._settings = settings
        self._seen: deque[tuple[float, float]] = deque()

    def forget(self) -> None:
        """What was seen while the database was away says nothing of verifying."""
        self._seen.clear()

    def look(self, at: float, oldest_seconds: float, recording_waits: bool) -> Stand:
        """How it stands at an instant (seconds of a monotonic clock).

        `recording_waits`: what is examined waits to be recorded.
        """
        if recording_waits:
            self.forget()
        self._seen.append((at, oldest_seconds))
        while len(self._seen) > 1 and self._seen[1][0] <= at - WATCHED_SECONDS:
            self._seen.popleft()
        since, before = self._seen[0]
        grows = since <= at - WATCHED_SECONDS and oldest_seconds > before
        return Stand(
            oldest_seconds,
            behind=grows and oldest_seconds > self._settings.backlog_seconds,
            drained=oldest_seconds < self._settings.drained_seconds,
        )


def step(
    rows: Sequence[SetRate], stands: Sequence[Stand], now: datetime, settings: SamplingSettings
) -> float | None:
    """The rate that should come into force next, of all nodes; None where nothing changes.

    It steps down if one node is behind, up if all are drained, never below the lowest rate nor
    above what an operator has set last.
    """
    current = newest(rows, ALL, now)
    if current is None or current.rate is None:
        return None
    held = (now - current.from_at).total_seconds() < settings.hold_seconds
    if held or any(row.from_at > now for row in rows if row.stratum == ALL):
        return None
    if any(stand.behind for stand in stands):
        lower = [each for each in STEPS if settings.lowest_rate <= each < current.rate]
        return max(lower, default=None)
    by_hand = newest([row for row in rows if row.by_hand], ALL, now)
    ceiling = by_hand.rate if by_hand and by_hand.rate is not None else 1.0
    if all(stand.drained for stand in stands) and current.rate < ceiling:
        return min([each for each in STEPS if each > current.rate] + [ceiling])
    return None
