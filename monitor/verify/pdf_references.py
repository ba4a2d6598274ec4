"""Where a PDF refers to an object number, looked for in the bytes and in its object streams.

Looked for in all bytes, so that nothing can be hidden as data, and once for all numbers. Comments
and zeros may stand where ISO 32000-1 7.2.3 and 7.3.3 allow them.
"""

import bisect
import functools
import re
from collections.abc import Collection, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from monitor.verify.pdf_reader import object_at

_BLANK, _LINE_END = b" \t\r\n\f\v\0", b"\r\n"
_USUAL = re.compile(rb"(?<=[^\d])(\d{1,10})[\s\0]{1,3}\d{1,5}[\s\0]{1,3}\Z")
_PERCENT = re.compile(b"%")
_NEAR = 24
_NOWHERE = 1 << 62


class References:
    """The references of one file, by the places where they stand."""

    def __init__(self, reader: PdfFileReader, data: bytes) -> None:
        self._reader, self._data = reader, data

    def any_before(self, numbers: Collection[int], end: int) -> bool:
        """Do the first bytes of the file refer to one of some object numbers?"""
        return any(self._places.get(number, (_NOWHERE,))[0] < end for number in numbers)

    def count(self, number: int, end: int) -> int:
        """How often the first bytes refer to a number."""
        return bisect.bisect_left(self._places.get(number, ()), end)

    @functools.cached_property
    def _places(self) -> dict[int, list[int]]:
        """The places of each number, in order; one in an object stream stands where that stands."""
        found: dict[int, list[int]] = {}
        for at, number in references(self._data):
            found.setdefault(number, []).append(at)
        for place, text in self._streams():
            for _, number in references(text):
                bisect.insort(found.setdefault(number, []), place)
        return found

    def _streams(self) -> Iterator[tuple[int, bytes]]:
        """The object streams of all revisions: where each stands, and its text."""
        xrefs = self._reader.xrefs
        for revision in range(xrefs.total_revisions):
            section = xrefs.get_xref_data(revision)
            used = set(section.obj_streams_used)
            if section.hybrid is not None:
                used |= section.hybrid.xref_data.obj_streams_used
            for number in used:
                reference = generic.Reference(number, 0, self._reader)
                place = xrefs.get_historical_ref(reference, revision)
                if isinstance(place, int):
                    stream = object_at(self._reader, reference, revision)
                    if isinstance(stream, generic.StreamObject):
                        yield place, stream.data


def references(text: bytes) -> Iterator[tuple[int, int]]:
    """The places of `R` behind two numbers, and the first of the numbers."""
    at = text.find(b"R")
    while at >= 0:
        if text[at - 1] in _BLANK and at and not text[at + 1 : at + 2].isalpha():
            usual = _USUAL.search(text, max(0, at - _NEAR), at)
            if usual is not None:
                yield at, int(usual[1])
            else:
                yield from ((at, number) for number in _numbers_before(text, at))
        at = text.find(b"R", at + 1)


def _numbers_before(text: bytes, at: int) -> set[int]:
    """Object numbers of the reference that may end at a place, with comments and long gaps."""
    found = set()
    for behind_generation in _without_blanks(text, at):
        start = _digits(text, behind_generation)
        if start == behind_generation:
            continue
        for behind_number in _without_blanks(text, start):
            first = _digits(text, behind_number)
            if first < behind_number < start:
                found.add(int(text[first:behind_number][-19:]))
    return found


def _without_blanks(text: bytes, at: int) -> set[int]:
    """Where a token may have ended that only blanks and comments separate from a place.

    Whether a line that has a percent sign is a comment cannot be told from behind: both count.
    """
    reached, waiting = set(), [at]
    while waiting:
        place = waiting.pop()
        if place in reached or place <= 0:
            continue
        reached.add(place)
        if text[place - 1] not in _BLANK:
            continue
        waiting.append(place - 1)
        if text[place - 1] in _LINE_END:
            start = max(text.rfind(b"\r", 0, place - 1), text.rfind(b"\n", 0, place - 1)) + 1
            waiting += (start + m.start() for m in _PERCENT.finditer(text[start : place - 1]))
    return reached


def _digits(text: bytes, behind: int) -> int:
    """Where the digits begin that end at a place."""
    at = behind
    while at > 0 and text[at - 1 : at].isdigit():
        at -= 1
    return at
