"""Signatures in the bytes of a PDF, without its object structure (ISO 32000-1 12.8.1).

A byte range names the signed bytes: all of the file (or of its revision) but one gap, which must
be exactly the hexadecimal string of /Contents. Every check here is made on the file's own bytes,
so no trick with objects or cross-references can make another place count as the gap.
"""

import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

BYTE_RANGE = re.compile(
    rb"/ByteRange\s*\[\s*(-?\d{1,19})\s+(-?\d{1,19})\s+(-?\d{1,19})\s+(-?\d{1,19})\s*\]"
)
_CONTENTS_BEFORE = re.compile(rb"/Contents\s*\Z")
_HEX = b"0123456789abcdefABCDEF \t\r\n\f\0"
_POINTER = re.compile(rb"startxref\s+(\d{1,15})")
MAX_CONTENTS = 16 * 1024 * 1024
"""Hexadecimal digits of a /Contents that is still looked at."""
_FAR = 1 << 62
MAX_RANGES = 100
_MAX_TAIL = 64 * 1024
_NOTHING = re.compile(rb"(?:[\s\0]|%%EOF(?=[\s\0]|\Z))*")
MAX_INFLATED, MAX_STREAMS = 64 * 1024 * 1024, 5000
_LOOK_BACK = 64 * 1024
_BLOCK = 64 * 1024
_FILTER = re.compile(rb"/F(?:ilter)?(?![A-Za-z])|#")
_FLATE = re.compile(rb"/Filter\s*(?:/FlateDecode\b|\[\s*/FlateDecode\s*\])")


class Fit(Enum):
    """How a byte range fits the file it stands in."""

    WHOLE = "whole"
    """Everything but the gap; only blanks may follow."""
    PREFIX = "prefix"
    """Everything up to a place before the file's end, but the gap."""
    PAST_END = "past end"
    """It reaches past the end of the file: what it covered is gone."""
    ABSURD = "absurd"
    """Not two ranges from the start with a gap that is the /Contents string."""


@dataclass(frozen=True, slots=True)
class Range:
    """A byte range: the signed bytes are [0, gap_start) and [gap_end, end)."""

    gap_start: int
    gap_end: int
    end: int
    fit: Fit

    def pieces(self, data: bytes) -> tuple[memoryview, memoryview]:
        """The signed bytes, without a copy."""
        view = memoryview(data)
        return view[: self.gap_start], view[self.gap_end : self.end]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One /ByteRange in the bytes, wherever it stands."""

    at: int
    range: Range


def range_of(values: Iterable[int], data: bytes) -> Range:
    """How four numbers fit a file."""
    first, length, gap_end, rest = (*values, -1, -1, -1, -1)[:4]
    end = gap_end + rest
    if gap_end > len(data) or end > len(data):
        return Range(length, gap_end, end, Fit.PAST_END)
    if first != 0 or not 0 < length < gap_end or rest < 0:
        return Range(length, gap_end, end, Fit.ABSURD)
    if not _gap_is_contents(data, length, gap_end):
        return Range(length, gap_end, end, Fit.ABSURD)
    return Range(length, gap_end, end, Fit.WHOLE if nothing_behind(data, end) else Fit.PREFIX)


def nothing_behind(data: bytes, end: int) -> bool:
    """Do only blanks and further `%%EOF` follow, as storage and transport add them?"""
    return len(data) - end <= _MAX_TAIL and _NOTHING.fullmatch(data, end) is not None


def _gap_is_contents(data: bytes, start: int, stop: int) -> bool:
    if stop - start > MAX_CONTENTS or data[start] != 0x3C or data[stop - 1] != 0x3E:
        return False
    if data[start + 1 : stop - 1].translate(None, _HEX):
        return False
    return _CONTENTS_BEFORE.search(data[max(0, start - 64) : start]) is not None


def occurrences(data: bytes) -> list[Occurrence]:
    """Every /ByteRange with four numbers, the first `MAX_RANGES` of them."""
    found: list[Occurrence] = []
    at = data.find(b"/ByteRange")
    while at >= 0 and len(found) < MAX_RANGES:
        match = BYTE_RANGE.match(data, at)
        if match is not None:
            numbers = (min(int(n), _FAR) for n in match.groups())
            found.append(Occurrence(at, range_of(numbers, data)))
        at = data.find(b"/ByteRange", at + 10)
    return found


def contents(data: bytes, covered: Range) -> bytes:
    """The /Contents octets of a fitting range."""
    digits = data[covered.gap_start + 1 : covered.gap_end - 1].translate(None, b" \t\r\n\f\0\v")
    return binascii.unhexlify(digits + b"0" * (len(digits) % 2))


def dictionary(data: bytes, occurrence: Occurrence) -> bytes:
    """The text of the signature dictionary around a fitting range, without its /Contents.

    It lies between the object header before it and the `endobj` after it; a quick view for
    entries like /SubFilter, all of it signed bytes.
    """
    covered = occurrence.range
    low, high = min(occurrence.at, covered.gap_start), max(occurrence.at, covered.gap_end)
    floor = max(0, low - _LOOK_BACK)
    start = data.rfind(b" obj", floor, low)
    while start > floor and not data[start - 1 : start].isdigit():
        start = data.rfind(b" obj", floor, start)
    stop = data.find(b"endobj", high, high + _LOOK_BACK)
    stop = stop if stop >= 0 else min(len(data), high + 4096)
    return data[max(start, floor) : covered.gap_start] + data[covered.gap_end : stop]


def in_last_section(data: bytes, name: bytes) -> bool:
    """Does a name stand in the newest cross-reference section, its trailer, or behind them?"""
    at = data.rfind(b"startxref")
    match = _POINTER.match(data, at) if at >= 0 else None
    place = int(match[1]) if match else 0
    return data.find(name, place if place < at else 0) >= 0


def object_streams(data: bytes) -> Iterator[bytes | None]:
    """The inflated object streams (ISO 32000-1 7.5.7), within bounds, to be searched.

    None stands for one that cannot be searched so: of another filter, or with a predictor. One
    without a filter can be searched in the file itself.
    """
    budget = MAX_INFLATED
    at = data.find(b"/ObjStm")
    for _ in range(MAX_STREAMS):
        if at < 0:
            return
        if budget <= 0:
            break
        start = data.find(b"stream", at, at + 4096)
        head = data[max(0, data.rfind(b" obj", max(0, at - 1024), at)) : start]
        if start >= 0 and _FILTER.search(head):
            text = _inflated(data, start, budget)
            budget -= len(text)
            yield text if _searchable(head) else None
        at = data.find(b"/ObjStm", at + 7)
    yield None


def _searchable(head: bytes) -> bool:
    """Does the dictionary of a stream name the Flate filter alone, without parameters?"""
    return _FLATE.search(head) is not None and b"/D" not in head and b"#" not in head


def _inflated(data: bytes, keyword: int, most: int) -> bytes:
    """What a zlib stream holds, as far as it can be read; a block at a time, without copies."""
    start = keyword + (8 if data[keyword + 6 : keyword + 8] == b"\r\n" else 7)
    stream, parts, view = zlib.decompressobj(), list[bytes](), memoryview(data)
    try:
        while start < len(data) and not stream.eof and most > 0:
            parts.append(stream.decompress(view[start : start + _BLOCK], most))
            most -= len(parts[-1])
            start += _BLOCK
    except zlib.error:
        pass
    return b"".join(parts)
