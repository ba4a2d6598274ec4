"""Changes of ZIP files by entry, and of what the directory says of an entry."""

import io
import random
import struct
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from tests.fuzz.mutate import MAX_SIZE, Mutator, composed
from tests.fuzz.mutate.der import der
from tests.fuzz.mutate.octets import octets
from tests.fuzz.mutate.xml import xml
from tests.fuzz.readings import ZIP_FAULTS

_LOCAL, _DIRECTORY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NAMES = (
    "content.xml", "META-INF/manifest.xml", "META-INF/signatures0.xml", "META-INF/signature.p7s",
    "META-INF/documentsignatures.xml", "META-INF/macrosignatures.xml", "META-INF/ASiCManifest.xml",
    "META-INF/ASiCArchiveManifest.xml", "META-INF/timestamp.tst", "mimetype",
    "[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/document2.xml",
    "word/_rels/document.xml.rels", "_xmlsignatures/sig1.xml", "_xmlsignatures/sig2.xml",
    "docProps/app.xml", "../x", "/x", "x\\y", "x/", "X.XML", "a\0b", "ở.txt", "a.txt", "a.pdf",
)  # fmt: skip


@dataclass
class Entry:
    """A named file of an archive."""

    name: str
    data: bytes


def entries(data: bytes) -> list[Entry] | None:
    """The files of an archive, as Python reads them; None where it cannot."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [Entry(i.filename, archive.read(i)) for i in archive.infolist()[:200]
                    if i.file_size <= MAX_SIZE * 8]  # fmt: skip
    except ZIP_FAULTS:
        return None


def packed(files: Sequence[Entry], chance: random.Random) -> bytes:
    out = io.BytesIO()
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")
        for number, each in enumerate(files):
            first = zipfile.ZIP_STORED if number == 0 else None
            archive.writestr(each.name or "_", each.data, first)
    return out.getvalue()


def zip_file(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The archive after one to four changes."""
    ways: tuple[Mutator, ...] = (_entry, _entry, _entry, _content, _content, _content, _record,
                                 _around, octets)  # fmt: skip
    return composed(data, chance, others, *ways)


def _entry(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """An entry is removed, doubled, renamed, moved, exchanged, added, borrowed or emptied."""
    files = entries(data)
    if not files:
        return octets(data, chance, others)
    at, other = chance.randrange(len(files)), chance.randrange(len(files))
    chosen = files[at]
    match chance.randrange(8):
        case 0:
            del files[at]
        case 1:
            files.insert(other, Entry(chosen.name, chance.choice((chosen.data, b"x"))))
        case 2:
            chosen.name = chance.choice((*_NAMES, chosen.name.upper(), chosen.name + "2"))
        case 3:
            files[at], files[other] = files[other], files[at]
        case 4:
            chosen.data, files[other].data = files[other].data, chosen.data
        case 5:
            files.insert(other, Entry(chance.choice(_NAMES), chance.choice((b"", b"<a/>", b"x"))))
        case 6:
            borrowed = (entries(chance.choice(others)) if others else None) or files
            files.insert(at, chance.choice(borrowed))
        case _:
            chosen.data = b""
    return packed(files, chance)


def _content(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """What an entry holds is changed as what it is."""
    files = entries(data)
    if not files:
        return octets(data, chance, others)
    telling = [f for f in files if "sign" in f.name.lower() or "META" in f.name] or files
    chosen = chance.choice(telling if chance.random() < 0.6 else files)
    kin = [e.data for o in others[:6] for e in entries(o) or () if e.name == chosen.name]
    chosen.data = _mutator(chosen.data)(chosen.data, chance, kin)
    return packed(files, chance)


def _mutator(data: bytes) -> Mutator:
    if data[:1] == b"\x30":
        return der
    return xml if data.lstrip()[:1] == b"<" else octets


def _record(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A field of a local header, a directory record or the end record says something else."""
    marks = [at for mark in (_LOCAL, _DIRECTORY, _END) for at in _places(data, mark)]
    if not marks:
        return octets(data, chance, others)
    at = chance.choice(marks) + chance.randrange(4, 46)
    size = chance.choice((1, 2, 4))
    value = chance.choice((0, 1, 8, 0xFFFF, 0xFFFFFFFF, len(data), chance.randrange(1 << 32)))
    field = struct.pack("<Q", value)[:size]
    return data[:at] + field + data[at + size :]


def _places(data: bytes, mark: bytes) -> list[int]:
    found: list[int] = []
    at = data.find(mark)
    while at >= 0 and len(found) < 200:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def _around(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Bytes before the first entry, between entries, or behind the end."""
    piece = chance.choice((b"\0" * 9, b"%PDF-1.4\n", _END + bytes(18), *others[:3]))[:5000]
    cut = data.find(_DIRECTORY)
    places = (0, len(data), max(cut, 0))
    at = chance.choice(places)
    return data[:at] + piece + data[at:]
