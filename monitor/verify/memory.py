"""Facts of files seen a moment ago: a circular to 200 recipients is verified once.

A file is recognised by its length and some samples and then compared byte by byte with the one
kept, which is several times faster than hashing it and cannot be fooled. Only facts are kept
here; trust is judged anew for each time of proof and by each trust store.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_SAMPLES, _SAMPLE = 16, 16


class Memory(Generic[T]):
    """The latest files with what was found out about them, within a bound of bytes."""

    def __init__(self, total_bytes: int = 48 * 1024 * 1024) -> None:
        self._total = total_bytes
        self._held = 0
        self._files: OrderedDict[Hashable, tuple[tuple[bytes, ...], T]] = OrderedDict()

    def recall(self, reading: Hashable, *data: bytes) -> T | None:
        """What was found out about exactly these bytes, read in one way; None for others.

        A detached signature is several: its own bytes and those it covers.
        """
        key = reading, *map(_samples, data)
        kept = self._files.get(key)
        if kept is None or kept[0] != data:
            return None
        self._files.move_to_end(key)
        return kept[1]

    def keep(self, found: T, reading: Hashable, *data: bytes) -> None:
        """Keep a file; the longest unused make room. One that takes a quarter is not kept."""
        size = sum(map(len, data))
        if size * 4 > self._total:
            return
        key = reading, *map(_samples, data)
        self._drop(key)
        self._files[key] = (data, found)
        self._held += size
        while self._held > self._total:
            self._drop(next(iter(self._files)))

    def _drop(self, key: Hashable) -> None:
        kept = self._files.pop(key, None)
        if kept is not None:
            self._held -= sum(map(len, kept[0]))


def _samples(data: bytes) -> tuple[int, bytes]:
    step = max(1, len(data) // _SAMPLES)
    return len(data), b"".join(data[at : at + _SAMPLE] for at in range(0, len(data), step))
