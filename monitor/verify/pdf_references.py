"""Where a PDF refers to an object number, looked for in the bytes and in its object streams.

Looked for in all bytes, so that nothing can be hidden as data. Comments and zeros may stand where
ISO 32000-1 7.2.3 and 7.3.3 allow them.
"""

import bisect
import functools
import itertools
import re
from collections.abc import Collection, Iterable, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from monitor.verify.pdf_reader import object_at

_SPACE = rb"(?:[\s\0]|%[^\r\n]*[\r\n])"
_REFERENCE = re.compile(rb"(?<!\d)0*(\d{1,10})" + _SPACE + rb"+\d+" + _SPACE + rb"+R(?![A-Za-z])")
_REST_OF_REFERENCE = re.compile(_SPACE + rb"+\d+" + _SPACE + rb"+R(?![A-Za-z])")
_FEW = 24
_NOWHERE = 1 << 62


class References:
    """The references of one file, each by the place where it stands first."""

    def __init__(self, reader: PdfFileReader, data: bytes) -> None:
        self._reader, self._data = reader, data
        self._first: dict[int, int] = {}
        self._every: dict[int, list[int]] = {}
        self._asked = 0

    def any_before(self, numbers: Collection[int], end: int) -> bool:
        """Do the first bytes of the file refer to one of some object numbers?"""
        return any(self._place(number) < end for number in numbers)

    def count(self, number: int, end: int) -> int:
        """How often the first bytes refer to a number."""
        if number not in self._every:
            found = list(_found(self._data, number))
            for place, text in self._streams:
                found += [place for _ in _found(text, number)]
            self._every[number] = sorted(found)
        return bisect.bisect_left(self._every[number], end)

    def _place(self, number: int) -> int:
        """Where a number is referred to first: a search for few of them, one pass for many."""
        if number not in self._first:
            self._asked += 1
            if self._asked > _FEW:
                return self._all.get(number, _NOWHERE)
            self._first[number] = min(self._places(number), default=_NOWHERE)
        return self._first[number]

    def _places(self, number: int) -> Iterator[int]:
        yield from itertools.islice(_found(self._data, number), 1)
        for place, text in self._streams:
            yield from (place for _ in itertools.islice(_found(text, number), 1))

    @functools.cached_property
    def _all(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for match in _REFERENCE.finditer(self._data):
            found.setdefault(int(match[1]), match.start())
        for place, text in self._streams:
            for match in _REFERENCE.finditer(text):
                number = int(match[1])
                found[number] = min(place, found.get(number, _NOWHERE))
        return found

    @functools.cached_property
    def _streams(self) -> list[tuple[int, bytes]]:
        """The object streams of all revisions: where each stands, and its text."""
        return list(self._read_streams())

    def _read_streams(self) -> Iterable[tuple[int, bytes]]:
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


def _found(text: bytes, number: int) -> Iterator[int]:
    """Where a text refers to a number."""
    digits = b"%d" % number
    at = text.find(digits)
    while at >= 0:
        start = at
        while start > 0 and text[start - 1] == 0x30:
            start -= 1
        whole = not text[max(0, start - 1) : start].isdigit()
        if whole and _REST_OF_REFERENCE.match(text, at + len(digits)):
            yield start
        at = text.find(digits, at + 1)
