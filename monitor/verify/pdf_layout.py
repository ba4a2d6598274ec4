"""What stands behind the signed bytes of a PDF: nothing that another reader would see differently.

The difference analysis judges the objects that the cross-reference sections name. A reader that
finds a section broken searches the bytes for objects instead, and readers differ in what they
call broken. So behind a signed revision every object header, `xref`, `trailer` and `startxref`
must be one that the analysis knew, no dictionary may name a key twice, and nothing inside the
signed bytes may reach out of them: no cross-reference entry, no object stream, no /Length.
"""

import bisect
import functools
import re
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionData, XRefSectionMetaInfo, XRefSectionType

from monitor.verify.pdf_open_ends import open_ends
from monitor.verify.pdf_reader import READ_ERRORS, object_at, resolved_reference

_SPACE = rb"(?:[\s\0]|%[^\r\n]*[\r\n])"
_HEADER = re.compile(
    rb"(?P<number>\d+)" + _SPACE + rb"+(?P<generation>\d+)" + _SPACE + rb"*(?=obj(?![a-z]))"
)
_POINTER = re.compile(rb"startxref[\s\0]*(\d*)")
_BEFORE_OBJ = b"0123456789 \t\r\n\f\0"
_BLANKS = re.compile(rb"[\s\0]*")
_ENTRY = re.compile(rb"\d{10} \d{5} [nf]")
_SUBSECTION_OF_ZERO = re.compile(rb"(?:^|[\r\n\s])0+ [1-9]\d*\s+(?=\d{10} )")
_STARTXREF = re.compile(rb"startxref")
_LENGTH_VALUE = re.compile(
    _SPACE + rb"*(\d+)(?:" + _SPACE + rb"+\d+" + _SPACE + rb"+(R)(?![A-Za-z]))?"
)
_ESCAPED_LENGTH = re.compile(
    rb"/(?:L|#4[cC])(?:e|#65)(?:n|#6[eE])(?:g|#67)(?:t|#74)(?:h|#68)(?![^\s\0()<>\[\]{}/%])"
)
_NUMBER_OBJECT = re.compile(rb"[\s\0]*\d+" + _SPACE + rb"+\d+" + _SPACE + rb"*obj"
                            + _SPACE + rb"*(\d+)")  # fmt: skip
_LEXEME = re.compile(
    rb"(?P<blank>[\s\0]+|%[^\r\n]*)|(?P<open><<)|(?P<close>>>)|(?P<value><[^<>]*>)"
    rb"|(?P<name>/[^\s\0()<>\[\]{}/%]*)|(?P<bracket>[\[\]])|(?P<string>\()"
    rb"|(?P<word>[^\s\0()<>\[\]{}/%]+)"
)
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_HEXADECIMAL = re.compile(rb"#([0-9A-Fa-f]{2})")
_LAST_WORDS = frozenset({b"endobj", b"stream", b"startxref"})
_MAX_LEXEMES = 400_000


class Layout:
    """The places of the sections and objects of one file."""

    def __init__(self, reader: PdfFileReader, data: bytes) -> None:
        self._reader, self._data = reader, data
        xrefs = reader.xrefs
        self._sections = [xrefs.get_xref_data(r) for r in range(xrefs.total_revisions)]
        self._infos = [xrefs.get_xref_container_info(r) for r in range(xrefs.total_revisions)]
        self._strange: list[int] = []
        self._searched_from = len(data) + 1
        self._values: dict[int, int] = {}

    def sound(self, revision: int, end: int) -> bool:
        """Does everything behind the signed bytes belong to the revisions that were read?"""
        later = self._infos[revision + 1 :]
        if any(info.start_location < end for info in later):
            return False
        if self._reaches_out(revision, end) or self._crosses(end):
            return False
        if end < self._searched_from:
            self._strange = sorted(self._strange_places(end))
            self._searched_from = end
        if self._strange and self._strange[-1] >= end:
            return False
        return self._last_miscounted <= revision

    # -- nothing signed reaches out of the signed bytes --------------------------------------------

    def _reaches_out(self, revision: int, end: int) -> bool:
        """Does a signed section name a place, or an object stream, that was not there yet?"""
        if any(last >= end for last in self._last_places[: revision + 1]):
            return True
        return not all(
            self._there(stream, revision, end)
            for section in self._parts(revision + 1)
            for stream in section.obj_streams_used
        )

    @functools.cached_property
    def _last_places(self) -> list[int]:
        """The last place within the file that each section names."""
        size = len(self._data)
        found = []
        for section in self._sections:
            hybrid = section.hybrid.xref_data.standard_xrefs if section.hybrid else {}
            entries = (*section.standard_xrefs.values(), *hybrid.values())
            found.append(max((place for _, place in entries if place < size), default=0))
        return found

    def _parts(self, stop: int) -> Iterator[XRefSectionData]:
        for section in self._sections[:stop]:
            yield section
            if section.hybrid is not None:
                yield section.hybrid.xref_data

    def _there(self, stream: int, revision: int, end: int) -> bool:
        reference = generic.Reference(stream, 0, self._reader)
        place = self._reader.xrefs.get_historical_ref(reference, revision)
        if place is None:
            return not any(stream in later.standard_xrefs for later in self._sections)
        return not isinstance(place, int) or place < end

    def _crosses(self, end: int) -> bool:
        """Does an object that begins in the signed bytes end behind them?"""
        crossing = (*self._long_streams, *self._open_ends)
        return any(start < end < stop for start, stop in crossing)

    @functools.cached_property
    def _open_ends(self) -> list[tuple[int, int]]:
        """Objects that are not closed before their revision ends: none in honest files."""
        entries = (
            e for part in self._parts(len(self._sections)) for e in part.standard_xrefs.values()
        )
        places = sorted({place for _, place in entries if place < len(self._data)})
        return list(open_ends(self._data, places, self._revision_ends))

    @functools.cached_property
    def _revision_ends(self) -> list[int]:
        return [match.start() for match in _STARTXREF.finditer(self._data)]

    @functools.cached_property
    def _long_streams(self) -> list[tuple[int, int]]:
        """Streams, by their /Length, that hold an end of a revision: none in honest files."""
        ends, found = self._revision_ends, []
        for at, behind in self._lengths():
            match = _LENGTH_VALUE.match(self._data, behind)
            if match is None:
                continue
            length = self._number(int(match[1])) if match[2] else int(match[1])
            nearest = bisect.bisect_left(ends, at)
            if nearest < len(ends) and at + length > ends[nearest] and self._of_stream(behind):
                found.append((at, at + length))
        return found

    def _lengths(self) -> Iterator[tuple[int, int]]:
        """Where /Length stands, however it is spelt, and where it ends."""
        data, at = self._data, self._data.find(b"/Length")
        while at >= 0:
            yield at, at + 7
            at = data.find(b"/Length", at + 7)
        for escape in (b"#4c", b"#4C", b"#65", b"#6e", b"#6E", b"#67", b"#74", b"#68"):
            at = data.find(escape)
            while at >= 0:
                start = data.rfind(b"/", max(0, at - 18), at)
                match = _ESCAPED_LENGTH.match(data, start) if start >= 0 else None
                if match is not None:
                    yield start, match.end()
                at = data.find(escape, at + 3)

    def _of_stream(self, at: int) -> bool:
        """Is it a stream's dictionary (and not that of the encryption, say)?"""
        stream = self._data.find(b"stream", at)
        end = self._data.find(b"endobj", at)
        return stream >= 0 and (end < 0 or stream < end)

    def _number(self, number: int) -> int:
        """The largest integer that an object has held in any revision."""
        if number not in self._values:
            self._values[number] = self._largest(number)
        return self._values[number]

    def _largest(self, number: int) -> int:
        values = [0]
        for section in self._sections:
            place = section.standard_xrefs.get(number)
            match = _NUMBER_OBJECT.match(self._data, place[1]) if place else None
            if match is not None:
                values.append(int(match[1]))
        if len(values) == 1:
            found = resolved_reference(generic.Reference(number, 0, self._reader))
            values.append(int(found) if isinstance(found, int) else 0)
        return max(values)

    # -- everything behind is known ---------------------------------------------------------------

    def _strange_places(self, end: int) -> Iterator[int]:
        """Places behind `end` of what looks like structure and was not read as such."""
        known = self._known_objects(end)
        keywords = {match.end() for match in known.values() if match is not None}
        tables = {info.start_location - 5 for info in self._infos}
        trailers = {
            self._data.rfind(b"trailer", max(0, info.end_location - 64), info.end_location)
            for info in self._infos
        }
        yield from (at for at, match in known.items() if match is None)
        yield from (at for at in self._words(b"obj", end) if at not in keywords)
        yield from (at for at in self._words(b"trailer", end) if at not in trailers)
        yield from (at for at in self._words(b"xref", end) if at not in tables)
        yield from (at for at in self._words(b"startxref", end) if not self._points_well(at))
        for at in (*known, *trailers):
            if at >= end and ambiguous(self._data, at):
                yield at
        yield from self._ambiguous_streams(end)

    def _words(self, word: bytes, end: int) -> Iterator[int]:
        """Where a keyword of the file's structure stands behind the signed bytes."""
        data = self._data
        at = data.find(word, end)
        while at >= 0:
            before, behind = data[at - 1 : at], data[at + len(word) : at + len(word) + 1]
            if word == b"obj":
                alone = before in _BEFORE_OBJ and not behind.isalpha()
            else:
                alone = not before.isalnum() and not behind.isalpha()
            if alone:
                yield at
            at = data.find(word, at + len(word))

    def _known_objects(self, end: int) -> dict[int, re.Match[bytes] | None]:
        """The headers of the objects behind `end` by their places; None where one is no header."""
        found: dict[int, re.Match[bytes] | None] = {}
        for section in self._parts(len(self._sections)):
            for number, (generation, place) in section.standard_xrefs.items():
                if end <= place < len(self._data):
                    found.update([self._header(place, number, generation)])
        for info in self._all_infos():
            stream = info.stream_ref
            table = info.xref_section_type is XRefSectionType.HYBRID_MAIN  # names its stream too
            if stream is not None and not table and info.start_location >= end:
                found.update([self._header(info.start_location, stream.idnum, stream.generation)])
        return found

    def _header(
        self, place: int, number: int, generation: int
    ) -> tuple[int, re.Match[bytes] | None]:
        blanks = _BLANKS.match(self._data, place)
        at = blanks.end() if blanks is not None else place
        match = _HEADER.match(self._data, at)
        if match is None or (int(match["number"]), int(match["generation"])) != (
            number,
            generation,
        ):
            return at, None
        return at, match

    def _all_infos(self) -> Iterator[XRefSectionMetaInfo]:
        yield from self._infos
        for section in self._sections:
            if section.hybrid is not None:
                yield section.hybrid.meta_info

    def _points_well(self, at: int) -> bool:
        """Does a `startxref` point to the section in front of it?"""
        match = _POINTER.match(self._data, at)
        digits = match[1] if match is not None else b""
        nearest = bisect.bisect_left(self._pointers, (at, 0)) - 1
        return nearest >= 0 and digits != b"" and int(digits) == self._pointers[nearest][1]

    @functools.cached_property
    def _pointers(self) -> list[tuple[int, int]]:
        """Where each section begins, and the `startxref` that leads to it."""
        return sorted((info.start_location, info.declared_startxref) for info in self._infos)

    def _ambiguous_streams(self, end: int) -> Iterator[int]:
        """Object streams behind `end` whose objects can be read in two ways."""
        for revision, section in enumerate(self._sections):
            for part in (section, section.hybrid.xref_data if section.hybrid else None):
                for number in part.obj_streams_used if part else ():
                    place = self._reader.xrefs.get_historical_ref(
                        generic.Reference(number, 0, self._reader), revision
                    )
                    if isinstance(place, int) and place >= end:
                        text = self._stream(number, revision)
                        if text is None or ambiguous(text, 0, objects=True):
                            yield place

    def _stream(self, number: int, revision: int) -> bytes | None:
        try:
            found = object_at(self._reader, generic.Reference(number, 0, self._reader), revision)
            if not isinstance(found, generic.StreamObject):
                return None
            return bytes(found.data)[int(str(found["/First"])) :]
        except READ_ERRORS:
            return None

    @functools.cached_property
    def _last_miscounted(self) -> int:
        """The last revision whose section names an object twice; -1 if there is none."""
        revisions = range(len(self._sections) - 1, -1, -1)
        return next((r for r in revisions if not self._counted(r)), -1)

    def _counted(self, revision: int) -> bool:
        """Does a section name each object once? (Readers differ in which of two they take.)"""
        info, section = self._infos[revision], self._sections[revision]
        if info.xref_section_type is XRefSectionType.STREAM:
            return True  # the entries of a stream ascend, or it is not read
        table = self._data[info.start_location : info.end_location]
        zero = 1 if _SUBSECTION_OF_ZERO.search(table) else 0
        distinct = section.standard_xrefs.keys() | section.freed.keys()
        return len(_ENTRY.findall(table)) == len(distinct) + zero


def ambiguous(text: bytes, at: int, *, objects: bool = False) -> bool:
    """Does a dictionary of the object at a place name a key twice, or is it none at all?

    With `objects` the text is a sequence of objects, as in an object stream, without headers.
    """
    stack: list[tuple[set[bytes], list[bool]] | None] = []
    for kind, token in _lexemes(text, at):
        frame = stack[-1] if stack else None
        if kind == "word" and not stack and not objects and token in _LAST_WORDS:
            return False
        if kind == "broken":
            return True
        if kind in {"close", "bracket"} and token != b"[":
            if not stack or (frame is None) is (kind == "close"):
                return True
            stack.pop()
            continue
        if frame is not None and not _fits(kind, token, *frame):
            return True
        if kind == "open":
            stack.append((set(), [True]))
        elif kind == "bracket":
            stack.append(None)
    return bool(stack) or not objects


def _fits(kind: str, token: bytes, keys: set[bytes], awaits_key: list[bool]) -> bool:
    """One token of a dictionary; False for a second key of a name, or what can be no key."""
    if not awaits_key[0]:
        awaits_key[0] = True
        return True
    if kind == "word":
        return True  # the rest of a reference
    if kind != "name":
        return False
    key = _HEXADECIMAL.sub(lambda match: bytes([int(match[1], 16)]), token)
    awaits_key[0] = False
    if key in keys:
        return False
    keys.add(key)
    return True


def _lexemes(text: bytes, at: int) -> Iterator[tuple[str, bytes]]:
    """Kind and text of each lexical token (ISO 32000-1 7.2), blanks and comments left out."""
    for _ in range(_MAX_LEXEMES):
        match = _LEXEME.match(text, at)
        if match is None or match.lastgroup is None:
            if at < len(text):
                yield "broken", text[at : at + 1]
            return
        at = match.end()
        if match.lastgroup == "string":
            at = _string_end(text, at)
            yield "value", b""
        elif match.lastgroup != "blank":
            yield match.lastgroup, match[0]
    yield "broken", b""


def _string_end(text: bytes, at: int) -> int:
    """Behind the parenthesis that closes a literal string."""
    depth = 1
    for match in _PARENTHESIS.finditer(text, at):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return len(text)
