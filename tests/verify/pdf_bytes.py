# mypy: allow-untyped-calls
"""Updates of PDF files written byte by byte, for forgeries that no library would write."""

import io
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader


@dataclass
class Update:
    """One incremental update with a classic table; every part of it can be made to lie."""

    objects: Mapping[int, bytes] = field(default_factory=dict)
    """Bodies by object number, without `N 0 obj` and `endobj`."""
    before: bytes = b""
    """Bytes in front of the first object."""
    between: bytes = b""
    """Bytes between the objects and the table."""
    behind: bytes = b""
    """Bytes behind `%%EOF`."""
    entries: bytes = b""
    """More subsections of the table, `N 1\\n…` each."""
    trailer: bytes = b""
    """More entries of the trailer."""
    root: bytes | None = None
    size: int | None = None
    generation: int = 0
    prev: int | None = None

    def on(self, data: bytes) -> bytes:
        """The file with this update behind it."""
        out, places = bytearray(data + b"\n" + self.before), {}
        for number, body in self.objects.items():
            places[number] = len(out)
            out += b"%d %d obj\n%s\nendobj\n" % (number, self.generation, body)
        out += self.between
        table = len(out)
        out += b"xref\n" + b"".join(
            b"%d 1\n%010d %05d n \n" % (number, place, self.generation)
            for number, place in places.items()
        )
        size = self.size or max([*places, size_of(data) - 1]) + 1
        prev = last_table(data) if self.prev is None else self.prev
        out += self.entries + b"trailer\n<</Size %d /Prev %d /Root %s%s>>\n" % (
            size, prev, self.root or b"%d 0 R" % root(data), self.trailer,
        )  # fmt: skip
        return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % table + self.behind


def last_table(data: bytes) -> int:
    return int(data[data.rindex(b"startxref") + 9 :].split()[0])


def reader(data: bytes) -> PdfFileReader:
    return PdfFileReader(io.BytesIO(data), strict=False)


def root(data: bytes) -> int:
    return int(reader(data).root_ref.idnum)


def size_of(data: bytes) -> int:
    return int(reader(data).trailer["/Size"])


def number_of(data: bytes, *path: str | int) -> int:
    """Object number of what a path from the catalog leads to."""
    node: generic.PdfObject = reader(data).root
    last: object = None
    for key in path:
        assert isinstance(node, generic.DictionaryObject | generic.ArrayObject)
        last = node.raw_get(key)  # type: ignore[arg-type]  # a name or a position
        node = node[key]
    assert isinstance(last, generic.IndirectObject)
    return int(last.idnum)


def body(data: bytes, number: int) -> bytes:
    """The newest body of an object, as it stands in the file."""
    found = list(re.finditer(rb"(?<!\d)%d 0 obj\s*(.*?)\s*endobj" % number, data, re.DOTALL))
    return found[-1][1]


def with_entry(dictionary: bytes, entry: bytes) -> bytes:
    """A dictionary's text with one more entry."""
    return dictionary[: dictionary.rindex(b">>")] + b" " + entry + b">>"


def packed(
    data: bytes, objects: Mapping[int, bytes], *, stream: int | None = None, reuse: bool = False
) -> bytes:
    """The file with objects in an object stream, and a cross-reference stream that lists them.

    With `reuse` the section lists no object of its own but the stream, as if the entries for the
    objects had been there before.
    """
    number = stream or size_of(data)
    table = max([number, *objects]) + 1
    texts, head, text = list(objects.items()), b"", b""
    for key, value in texts:
        head += b"%d %d " % (key, len(text))
        text += value + b"\n"
    load = zlib.compress(head + text)
    place = len(data) + 1
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(texts), len(head))
    out = data + b"\n%d 0 obj\n<<%s /Length %d>>\n" % (number, entries, len(load))
    out += b"stream\n" + load + b"\nendstream\nendobj\n"
    rows = [] if reuse else [(key, 2, number, at) for at, (key, _) in enumerate(texts)]
    rows = sorted([*rows, (number, 1, place, 0), (table, 1, len(out), 0)])
    return out + cross_reference_stream(data, table, rows, len(out))


def cross_reference_stream(
    data: bytes, number: int, rows: list[tuple[int, int, int, int]], place: int
) -> bytes:
    """A section as a stream; rows are object number, type and two fields (ISO 32000-1 7.5.8)."""
    load = zlib.compress(
        b"".join(struct.pack(">BIH", kind, first, second) for _, kind, first, second in rows)
    )
    index = b" ".join(b"%d 1" % key for key, *_ in rows)
    entries = b"/Type /XRef /W [1 4 2] /Index [%s] /Size %d /Prev %d /Root %d 0 R" % (
        index, number + 1, last_table(data), root(data),
    )  # fmt: skip
    return (
        b"%d 0 obj\n<<%s /Filter /FlateDecode /Length %d>>\nstream\n" % (number, entries, len(load))
        + load + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % place
    )  # fmt: skip
