"""Segment files and their acknowledgement side files: names, the file header, the index in memory.

`segments/<sequence>-<nonce>.seg` holds a header and records; `<same>.ack` holds which of them are
done. A segment's header names the segment before it and how long that one was when everything in
it had been made durable: what lies past that length was never acknowledged, and a file that is
shorter has lost something.
"""

import re
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zlib import crc32

from monitor.spool.record import NONCE_BYTES

_MAGIC: Final = b"CONGVUS1"
_FIELDS: Final = struct.Struct("<8s8s8sQ")
_CHECK: Final = struct.Struct("<I")
HEADER_BYTES: Final = _FIELDS.size + _CHECK.size
NO_NONCE: Final = bytes(NONCE_BYTES)

_NAME: Final = re.compile(r"^([0-9]{12})-([0-9a-f]{16})\.seg$")


class SegmentName(NamedTuple):
    """Place in the order of segments, and the random number that its records carry."""

    sequence: int
    nonce: bytes

    @property
    def stem(self) -> str:
        return f"{self.sequence:012d}-{self.nonce.hex()}"

    @property
    def data(self) -> str:
        return self.stem + ".seg"

    @property
    def acks(self) -> str:
        return self.stem + ".ack"

    @classmethod
    def parse(cls, name: str) -> "SegmentName | None":
        """The segment a file name stands for, or None."""
        match = _NAME.match(name)
        return cls(int(match[1]), bytes.fromhex(match[2])) if match else None


class Link(NamedTuple):
    """A segment, by its nonce, and the length up to which it was durable when it was left."""

    nonce: bytes
    durable_bytes: int


def encode_header(nonce: bytes, before: Link | None) -> bytes:
    """The first bytes of a segment file."""
    link = before or Link(NO_NONCE, 0)
    fields = _FIELDS.pack(_MAGIC, nonce, link.nonce, link.durable_bytes)
    return fields + _CHECK.pack(crc32(fields))


class SegmentHeader(NamedTuple):
    """A segment file's header, checked."""

    nonce: bytes
    before: Link | None


def decode_header(data: bytes) -> SegmentHeader | None:
    """The header at the start of a segment file; None if it is no sound header."""
    if len(data) < HEADER_BYTES:
        return None
    fields = data[: _FIELDS.size]
    if _CHECK.unpack_from(data, _FIELDS.size)[0] != crc32(fields):
        return None
    magic, nonce, before, durable_bytes = _FIELDS.unpack(fields)
    if magic != _MAGIC:
        return None
    return SegmentHeader(nonce, None if before == NO_NONCE else Link(before, durable_bytes))


# -- acknowledgements ---------------------------------------------------------------------------

_ACK: Final = struct.Struct("<QI")
ACK_BYTES: Final = _ACK.size


def encode_acks(nonce: bytes, offsets: Iterable[int]) -> bytes:
    """Entries of a side file: each the offset of what is done, with a checksum of its own."""
    return b"".join(_ACK.pack(offset, _ack_crc(nonce, offset)) for offset in offsets)


def decode_acks(nonce: bytes, data: bytes) -> set[int]:
    """Offsets that a side file says are done; entries that a power cut garbled say nothing."""
    whole = data[: len(data) // ACK_BYTES * ACK_BYTES]
    return {offset for offset, check in _ACK.iter_unpack(whole) if check == _ack_crc(nonce, offset)}


def _ack_crc(nonce: bytes, offset: int) -> int:
    return crc32(offset.to_bytes(8, "little"), crc32(nonce))


# -- the index ----------------------------------------------------------------------------------

WAITING: Final = 0
OUT: Final = 1
LATER: Final = 2
DONE: Final = 3


class Span(NamedTuple):
    """A range of bytes in a segment file."""

    start: int
    end: int


@dataclass(eq=False)
class Segment:
    """The index of one segment: 25 bytes a record, no bodies. Touched by the event loop only."""

    name: SegmentName
    size: int = 0
    """Length of the file as far as it is durable."""
    starts: "array[int]" = field(default_factory=lambda: array("Q"))
    lengths: "array[int]" = field(default_factory=lambda: array("Q"))
    received: "array[float]" = field(default_factory=lambda: array("d"))
    states: bytearray = field(default_factory=bytearray)
    live: int = 0
    live_bytes: int = 0
    unread: int = 0
    """Index from which records have not been handed out in this life."""
    first: int = 0
    """Index below which everything is done."""
    damaged: list[Span] = field(default_factory=list)
    """Corrupt ranges that the quarantine had no room for yet: they keep the file."""
    unsaved_acks: list[int] = field(default_factory=list)
    ack_bytes: int = 0

    def add(self, start: int, length: int, received: float, *, done: bool = False) -> int:
        """Index one record; gives its place."""
        self.starts.append(start)
        self.lengths.append(length)
        self.received.append(received)
        self.states.append(DONE if done else WAITING)
        if not done:
            self.live += 1
            self.live_bytes += length
        return len(self.states) - 1

    def finish(self, index: int) -> bool:
        """Mark a record done; False if it was already."""
        if self.states[index] == DONE:
            return False
        self.states[index] = DONE
        self.live -= 1
        self.live_bytes -= self.lengths[index]
        self.unsaved_acks.append(self.starts[index])
        return True

    def oldest(self) -> float | None:
        """Receipt, in seconds since 1970, of the first record that is not done."""
        while self.first < len(self.states) and self.states[self.first] == DONE:
            self.first += 1
        return self.received[self.first] if self.first < len(self.states) else None

    def next_waiting(self) -> int | None:
        """Index of the next record never handed out in this life; the caller moves on with it."""
        while self.unread < len(self.states):
            if self.states[self.unread] == WAITING:
                return self.unread
            self.unread += 1
        return None

    @property
    def finished(self) -> bool:
        """Nothing in the file is needed any more."""
        return self.live == 0 and not self.damaged


class Place(NamedTuple):
    """Where an item is: a segment and the index in it."""

    segment: Segment
    at: int

    @property
    def span(self) -> Span:
        start = self.segment.starts[self.at]
        return Span(start, start + self.segment.lengths[self.at])
