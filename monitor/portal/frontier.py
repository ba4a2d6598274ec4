"""What a round asks next: what is new before what is known, near before far.

An address is asked once a round. Nothing is without bounds: depth, hops, and how many wait. Where
one path has very many addresses (a calendar), the later ones wait behind other paths.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from monitor.portal.wire import Known, Link

MAX_HOPS = 5
_MAX_WAITING = 200_000
_SHARE = 50
"""So many addresses of one path stand before the next path's."""
_AGAIN_EVERY = 4
"""Of so many requests one looks at a known document again, however much is new."""

_Key = tuple[int, int, int, float, float, int]


@dataclass(order=True, slots=True)
class _Waiting:
    key: _Key
    link: Link = field(compare=False)
    parent: str | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class Next:
    """An address whose turn it is, and what led to it."""

    link: Link
    parent: str | None


class Frontier:
    """Of one round; `depth` is how far links are followed."""

    def __init__(self, depth: int, known: Iterable[Known]) -> None:
        self._depth = depth
        self.known = {entry.url: entry for entry in known}
        self._children: dict[str, list[Known]] = {}
        for entry in self.known.values():
            if entry.parent is not None:
                self._children.setdefault(entry.parent, []).append(entry)
        self._seen: set[str] = set()
        self._fresh: list[_Waiting] = []
        self._again: list[_Waiting] = []
        self._paths: Counter[str] = Counter()
        self._numbers = count()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._fresh) + len(self._again)

    @property
    def full(self) -> bool:
        """Is there no room for more?"""
        return len(self) >= _MAX_WAITING

    def start(self, urls: Iterable[str]) -> None:
        """Where a round begins; documents of earlier rounds are looked at again in it."""
        for url in urls:
            self.add(Link(url=url), None, first=True)
        for entry in self.known.values():
            if entry.document and not entry.rests and entry.url not in self._seen:
                self._seen.add(entry.url)
                key = (0, 0, 0, entry.asked, 0.0, next(self._numbers))
                heapq.heappush(self._again, _Waiting(key, entry, entry.parent))

    def may(self, link: Link) -> bool:
        """Is it within bounds? One link beyond the depth only what looks like a document."""
        return link.hops <= MAX_HOPS and link.depth <= self._depth + (1 if link.likely else 0)

    def follows(self, link: Link) -> bool:
        """Are the links of what is there looked at?"""
        return link.depth <= self._depth

    def add(
        self, link: Link, parent: str | None, *, modified: float = 0, first: bool = False
    ) -> bool:
        """Put an address in line; False for one that had its turn or is out of bounds."""
        if link.url in self._seen or self.full or not self.may(link):
            return False
        self._seen.add(link.url)
        known = self.known.get(link.url)
        if known is not None and known.rests and not (modified > known.asked > 0):
            # What it led to is still to be reached.
            self.add_children(link.url)
            return True
        path = link.url.partition("?")[0]
        self._paths[path] += 1
        share = self._paths[path] // _SHARE
        rank = 0 if first or link.hops else (1 if link.likely else 2)
        asked = known.asked if known else 0.0
        key = (rank, link.depth, share, asked, -modified, next(self._numbers))
        heapq.heappush(self._fresh, _Waiting(key, link, parent))
        return True

    def add_children(self, url: str) -> None:
        """All that was first found at an address, in an earlier round."""
        for entry in self._children.pop(url, ()):
            self.add(entry, url)

    def next(self) -> Next | None:
        """The address whose turn it is."""
        self._turn += 1
        again = self._again and (not self._fresh or self._turn % _AGAIN_EVERY == 0)
        heap = self._again if again else self._fresh
        if not heap:
            return None
        waiting = heapq.heappop(heap)
        return Next(waiting.link, waiting.parent)
