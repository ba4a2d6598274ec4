"""Facts of files seen a moment ago: a circular to 200 recipients is verified once.

A file is recognised by its length and some samples and then compared byte by byte with the one
kept, which is several times faster than hashing it and cannot be fooled. Only integrity is kept
here; trust is judged anew for each time of proof.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

_Key = tuple[int, bytes]
_SAMPLES, _SAMPLE = 32, 16


class Memory(Generic[T]):
    """The latest files with what was found out about them, within a bound of bytes."""

    def __init__(self, total_bytes: int = 48 * 1024 * 1024) -> None:
        self._total = total_bytes
        self._held = 0
        self._files: OrderedDict[_Key, tuple[bytes, T]] = OrderedDict()

    def recall(self, data: bytes) -> T | None:
        """What was found out about exactly these bytes; None for others."""
        key = _key(data)
        kept = self._files.get(key)
        if kept is None or kept[0] != data:
            return None
        self._files.move_to_end(key)
        return kept[1]

    def keep(self, data: bytes, found: T) -> None:
        """Keep a file; the longest unused make room. One that takes a quarter is not kept."""
        if len(data) * 4 > self._total:
            return
        key = _key(data)
        self._drop(key)
        self._files[key] = (data, found)
        self._held += len(data)
        while self._held > self._total:
            self._drop(next(iter(self._files)))

    def _drop(self, key: _Key) -> None:
        kept = self._files.pop(key, None)
        if kept is not None:
            self._held -= len(kept[0])


def _key(data: bytes) -> _Key:
    step = max(1, len(data) // _SAMPLES)
    return len(data), b"".join(data[at : at + _SAMPLE] for at in range(0, len(data), step))
