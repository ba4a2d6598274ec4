"""Decompression in small steps: what a few octets become is counted before it is kept."""

import zlib
from collections.abc import Iterator

STEP = 64 * 1024
_EITHER = 47
"""zlib's word for gzip or zlib, whichever it is."""


class Inflater:
    """Of one gzip or zlib stream; what comes after its end is left."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_EITHER)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most `STEP` octets; raises zlib.error."""
        while data and not self._stream.eof:
            piece = self._stream.decompress(data, STEP)
            data = self._stream.unconsumed_tail
            if piece:
                yield piece


def inflated(pieces: Iterator[bytes] | list[bytes], limit: int) -> bytes | None:
    """The whole, or None where it is more than `limit`; raises zlib.error."""
    inflater, kept, size = Inflater(), list[bytes](), 0
    for compressed in pieces:
        for piece in inflater.feed(compressed):
            size += len(piece)
            if size > limit:
                return None
            kept.append(piece)
    return b"".join(kept)
