"""The order of everything in the spool, in memory: segments oldest first, counts, the read cursor.

Touched by the event loop only. It knows places and lengths, never bodies.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import count

from monitor.spool.segment import LATER, OUT, Place, Segment, SegmentName


class Backlog:
    """All segments and what is left to do in them."""

    def __init__(self) -> None:
        self._segments: dict[SegmentName, Segment] = {}
        self._unread: deque[Segment] = deque()
        self._later: list[tuple[float, int, Place, int]] = []
        self._ticket = count()
        self.items = 0
        self.item_bytes = 0
        """Length of all records that are not done."""
        self.disk_bytes = 0
        """Length of all segment files."""

    def adopt(self, segment: Segment) -> None:
        """Add a segment that recovery has indexed; oldest first."""
        self._segments[segment.name] = segment
        self._unread.append(segment)
        self.items += segment.live
        self.item_bytes += segment.live_bytes
        self.disk_bytes += segment.size

    def extend(
        self, name: SegmentName, size: int, records: Iterable[tuple[int, int, float]]
    ) -> list[Place]:
        """Index records just made durable: (start, length, received); the segment may be new."""
        segment = self._segments.get(name)
        if segment is None:
            segment = Segment(name)
            self._segments[name] = segment
            self._unread.append(segment)
        self.disk_bytes += size - segment.size
        segment.size = size
        places: list[Place] = []
        for start, length, received in records:
            places.append(Place(segment, segment.add(start, length, received)))
            self.items += 1
            self.item_bytes += length
        return places

    def next_unread(self) -> Place | None:
        """The oldest record not handed out yet; `hand_out` moves past it."""
        while self._unread:
            segment = self._unread[0]
            index = segment.next_waiting()
            if index is not None:
                return Place(segment, index)
            if len(self._unread) == 1:
                return None
            self._unread.popleft()
        return None

    def next_due(self, moment: float) -> tuple[Place, int] | None:
        """The first record to be tried again by now, and how often it was handed out."""
        while self._later:
            due, _, place, attempts = self._later[0]
            if place.segment.states[place.at] != LATER:
                heapq.heappop(self._later)
                continue
            return (place, attempts) if due <= moment else None
        return None

    def hand_out(self, place: Place) -> None:
        """Mark as handed out what `next_unread` or `next_due` gave."""
        if self._later and self._later[0][2] is place:
            heapq.heappop(self._later)
        place.segment.states[place.at] = OUT

    def put_back(self, place: Place, due: float, attempts: int) -> None:
        """Hand a record out again, not before `due`."""
        if place.segment.states[place.at] == OUT:
            place.segment.states[place.at] = LATER
            heapq.heappush(self._later, (due, next(self._ticket), place, attempts))

    def due_at(self) -> float | None:
        """When the next record is to be tried again."""
        return self._later[0][0] if self._later else None

    def finish(self, place: Place) -> bool:
        """Mark a record done; False if it was already."""
        segment, index = place
        if not segment.finish(index):
            return False
        self.items -= 1
        self.item_bytes -= segment.lengths[index]
        return True

    def oldest(self) -> float | None:
        """Receipt of the oldest record that is not done, in seconds since 1970."""
        for segment in self._segments.values():
            if segment.live:
                return segment.oldest()
        return None

    def segments(self) -> Sequence[Segment]:
        """All segments, oldest first."""
        return list(self._segments.values())

    def newest(self) -> Segment | None:
        """The segment that the writer may still extend."""
        return next(reversed(self._segments.values()), None)

    def forget(self, segment: Segment) -> None:
        """A finished segment's file is gone."""
        if self._segments.pop(segment.name, None):
            self.disk_bytes -= segment.size
            if segment in self._unread:
                self._unread.remove(segment)
