"""Signatures in the bytes of a PDF, without its object structure (ISO 32000-1 12.8.1).

A byte range names the signed bytes: all of the file (or of its revision) but one gap, which must
be exactly the hexadecimal string of /Contents. Every check here is made on the file's own bytes,
so no trick with objects or cross-references can make another place count as the gap.
"""

import binascii
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

BYTE_RANGE = re.compile(
    rb"/ByteRange\s*\[\s*(-?\d{1,19})\s+(-?\d{1,19})\s+(-?\d{1,19})\s+(-?\d{1,19})\s*\]"
)
_CONTENTS_BEFORE = re.compile(rb"/Contents\s*\Z")
_HEX = b"0123456789abcdefABCDEF \t\r\n\f\0"
_POINTER = re.compile(rb"startxref\s+(\d{1,15})")
_SPACE = rb"(?:[\s\0]|%[^\r\n]*[\r\n])"
_REFERENCE = re.compile(rb"(?<!\d)(\d{1,10})" + _SPACE + rb"+\d{1,5}" + _SPACE + rb"+R(?![A-Za-z])")
_REST_OF_REFERENCE = re.compile(_SPACE + rb"+\d{1,5}" + _SPACE + rb"+R(?![A-Za-z])")
_FEW = 24
_BLANK = b" \t\r\n\f\0"
_STRUCTURE = re.compile(rb"\bobj\b|\bendobj\b|\bxref\b|\btrailer\b|\bstream\b|\bstartxref\b")
MAX_CONTENTS = 16 * 1024 * 1024
"""Hexadecimal digits of a /Contents that is still looked at."""
_FAR = 1 << 62
MAX_RANGES = 100
MAX_INFLATED, MAX_STREAMS = 64 * 1024 * 1024, 5000
_LOOK_BACK = 64 * 1024


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
    whole = not data[end : end + 1024].strip(_BLANK) and len(data) - end <= 1024
    return Range(length, gap_end, end, Fit.WHOLE if whole else Fit.PREFIX)


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


def last_section(data: bytes) -> bytes:
    """From the newest cross-reference section to the end: its table or stream, and its trailer."""
    at = data.rfind(b"startxref")
    match = _POINTER.match(data, at) if at >= 0 else None
    place = int(match[1]) if match else 0
    return data[place:] if place < at else data


def object_streams(data: bytes) -> Iterator[bytes]:
    """The inflated object streams (ISO 32000-1 7.5.7), within bounds, to be searched."""
    budget = MAX_INFLATED
    at = data.find(b"/ObjStm")
    for _ in range(MAX_STREAMS):
        if at < 0 or budget <= 0:
            return
        start = data.find(b"stream", at, at + 4096)
        if start >= 0:
            start += 8 if data[start + 6 : start + 8] == b"\r\n" else 7
            try:
                text = zlib.decompressobj().decompress(data[start : start + budget], budget)
            except zlib.error:
                text = b""
            budget -= len(text)
            yield text
        at = data.find(b"/ObjStm", at + 7)


def refers_to_any(data: bytes, end: int, numbers: Collection[int]) -> bool:
    """Do the first bytes of a file refer to one of some object numbers?

    Looked for in all bytes, so that nothing can be hidden as data, and in the inflated object
    streams. Comments and zeros may stand where ISO 32000-1 7.2.3 and 7.3.3 allow them.
    """
    texts = (data[:end], *object_streams(data[:end]))
    if len(numbers) <= _FEW:
        return any(_count(text, number, 1) for text in texts for number in numbers)
    return any(int(m[1]) in numbers for text in texts for m in _REFERENCE.finditer(text))


def reference_count(data: bytes, end: int, number: int, most: int) -> int:
    """How often the first bytes of a file refer to an object number; counting ends past `most`."""
    texts = (data[:end], *object_streams(data[:end]))
    return sum(_count(text, number, most + 1) for text in texts)


def _count(text: bytes, number: int, most: int) -> int:
    digits = b"%d" % number
    found, at = 0, text.find(digits)
    while at >= 0 and found < most:
        start = at
        while start > 0 and text[start - 1] == 0x30:
            start -= 1
        whole = not text[max(0, start - 1) : start].isdigit()
        if whole and _REST_OF_REFERENCE.match(text, at + len(digits)):
            found += 1
        at = text.find(digits, at + 1)
    return found


def tail_is_harmless(tail: bytes) -> bool:
    """Can bytes after the last known revision hold no object that a repairing reader would show?"""
    return _STRUCTURE.search(tail) is None
