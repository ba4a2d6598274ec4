"""Changes of PDF files by object, cross-reference, byte range, signature value and revision."""

import random
import re
from collections.abc import Sequence

from tests.fuzz.mutate import Mutator, composed
from tests.fuzz.mutate.der import der
from tests.fuzz.mutate.octets import numbers, octets

_OBJECT = re.compile(rb"(?:^|[\r\n ])(\d{1,6}) (\d{1,5}) obj\b(.*?)\bendobj", re.DOTALL)
_RANGE = re.compile(rb"/ByteRange ?\[[^\]]{0,200}\]")
_CONTENTS = re.compile(rb"/Contents ?<([0-9A-Fa-f]{64,})>")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
_ROOT = re.compile(rb"/Root (\d+ \d+ R)")
_REFERENCE = re.compile(rb"\b(\d{1,6}) (\d{1,5}) R\b")
_NAME = re.compile(rb"/[A-Za-z][A-Za-z0-9.]*")
_TYPED = (b"/Annots", b"/Contents", b"/Kids", b"/V", b"/AP", b"/Fields", b"/AcroForm", b"/Pages")
_NAMES = (
    b"/Sig", b"/DocTimeStamp", b"/ByteRange", b"/Contents", b"/SubFilter", b"/adbe.pkcs7.detached",
    b"/adbe.pkcs7.sha1", b"/adbe.x509.rsa_sha1", b"/ETSI.CAdES.detached", b"/ETSI.RFC3161",
    b"/Adobe.PPKLite", b"/AcroForm", b"/Fields", b"/Kids", b"/Parent", b"/FT", b"/Tx", b"/Btn",
    b"/DocMDP", b"/FieldMDP", b"/Perms", b"/Reference", b"/TransformMethod", b"/DSS", b"/VRI",
    b"/Pages", b"/Page", b"/Annots", b"/AP", b"/N", b"/V", b"/DV", b"/Rect", b"/F", b"/Prev",
    b"/XRefStm", b"/Type", b"/Root", b"/Encrypt", b"/ObjStm", b"/XRef", b"/Length", b"/Filter",
    b"/FlateDecode", b"/ASCIIHexDecode", b"/JavaScript", b"/OpenAction", b"/AA", b"/Names", b"/P",
    b"/Extensions", b"/Metadata", b"/OCProperties", b"/StructTreeRoot", b"/UR3", b"/XFA",
)  # fmt: skip
_VALUES = (
    b"null", b"[]", b"<<>>", b"<>", b"()", b"0", b"-1", b"true", b"[0 0 0 0]", b"99 0 R", b"1 0 R",
    b"<</Type/Annot/Subtype/FreeText/Rect[0 0 200 200]/DA(/Helv 12 Tf)/Contents(x)>>",
    b"<</S/JavaScript/JS(app.alert\\(1\\))>>", b"/Off", b"(x)", b"1.5",
)  # fmt: skip


def pdf(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The file after one to four changes."""
    ways: tuple[Mutator, ...] = (
        octets, numbers, _range, _value, _updated, _updated, _updated, _pointer, _named, _named,
        _keyed, _swapped, _revisions, _appended,
    )  # fmt: skip
    return composed(data, chance, others, *ways)


def _pick(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(data))
    return chance.choice(found) if found else None


def _replaced(data: bytes, found: re.Match[bytes], new: bytes, group: int = 0) -> bytes:
    return data[: found.start(group)] + new + data[found.end(group) :]


def _range(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A byte range with other numbers, in the room it had where it fits."""
    found = _pick(_RANGE, data, chance)
    if found is None:
        return octets(data, chance, others)
    values = [int(n) for n in re.findall(rb"\d{1,12}", found[0])] or [0]
    at = chance.randrange(len(values))
    values[at] += chance.choice((-1, 1, -20, 20, 500, -values[at], len(data), -len(data)))
    if chance.random() < 0.3:
        values = chance.choice(([0, 0, 0, 0], values[:2], values * 2, [0, len(data)], []))
    new = b"/ByteRange [" + b" ".join(b"%d" % v for v in values) + b"]"
    return _replaced(data, found, new.ljust(len(found[0])))


def _value(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The CMS in /Contents with changed elements, in the room it had."""
    found = _pick(_CONTENTS, data, chance)
    if found is None or len(found[1]) % 2:
        return octets(data, chance, others)
    room = len(found[1])
    matches = (_CONTENTS.search(other) for other in others[:20])
    borrowed = [bytes.fromhex(m[1].decode()) for m in matches if m and len(m[1]) % 2 == 0]
    changed = der(bytes.fromhex(found[1].decode()), chance, borrowed).hex().encode()
    if chance.random() < 0.1:
        changed = chance.choice((b"", b"00", b"3000", b"zz", changed[::-1]))
    return _replaced(data, found, changed.ljust(room, b"0")[:room], 1)


def _updated(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A sound incremental update that replaces or adds objects."""
    objects = list(_OBJECT.finditer(data))
    starts = list(_START.finditer(data))
    root = _pick(_ROOT, data, chance)
    if not objects or not starts or root is None:
        return octets(data, chance, others)
    size = max(int(each[1]) for each in objects) + 1
    entries: list[tuple[int, bytes]] = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        number = int(chance.choice(objects)[1]) if chance.random() < 0.8 else size
        size = max(size, number + 1)
        entries.append((number, _body(objects, chance, others)))
    out = data if data.endswith(b"\n") else data + b"\n"
    table = b""
    for number, body in entries:
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    trailer = b"<</Size %d/Root %s/Prev %s>>" % (size, root[1], starts[-1][1])
    at = len(out)
    return out + b"xref\n" + table + b"trailer\n" + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % at


def _body(objects: list[re.Match[bytes]], chance: random.Random, others: Sequence[bytes]) -> bytes:
    """An object's body: one of the file's, or of another, mostly changed a little."""
    body = chance.choice(objects)[3]
    if others and chance.random() < 0.2:
        found = _pick(_OBJECT, chance.choice(others), chance)
        body = found[3] if found else body
    ways: tuple[Mutator, ...] = (_named, _keyed, _swapped, octets, numbers)
    return chance.choice(ways)(body, chance, ()) if chance.random() < 0.9 else body


def _pointer(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Another place of the cross-reference, a broken entry, or a second table."""
    found = _pick(_START, data, chance)
    if found is None:
        return octets(data, chance, others)
    if chance.random() < 0.5:
        at = int(found[1]) + chance.choice((-1, 1, 10, -int(found[1]), len(data)))
        return _replaced(data, found, b"%d" % max(at, 0), 1)
    entry = _pick(re.compile(rb"\d{10} \d{5} [nf]"), data, chance)
    if entry is None:
        return numbers(data, chance, others)
    place = chance.choice((0, 9, len(data), chance.randrange(len(data) + 1)))
    return _replaced(data, entry, b"%010d 00000 %s" % (place, chance.choice((b"n", b"f"))))


def _named(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A name becomes another."""
    found = _pick(_NAME, data, chance)
    if found is None:
        return octets(data, chance, others)
    return _replaced(data, found, chance.choice(_NAMES))


def _keyed(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A dictionary has one entry more, at its front or end."""
    places = [match.end() for match in re.finditer(rb"<<", data)]
    places += [match.start() for match in re.finditer(rb">>", data)]
    if not places:
        return octets(data, chance, others)
    at = chance.choice(places)
    key = chance.choice(_NAMES if chance.random() < 0.7 else _TYPED)
    return data[:at] + key + b" " + chance.choice(_VALUES) + b" " + data[at:]


def _swapped(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A reference leads to another object."""
    found = _pick(_REFERENCE, data, chance)
    other = _pick(_REFERENCE, data, chance)
    if found is None or other is None:
        return octets(data, chance, others)
    new = other[0] if chance.random() < 0.7 else b"%d 0 R" % chance.randrange(40)
    return _replaced(data, found, new)


def _revisions(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A revision is cut off, or those of two files stand behind each other."""
    ends = [match.end() for match in re.finditer(rb"%%EOF\r?\n?", data)]
    if not ends:
        return octets(data, chance, others)
    at = chance.choice(ends)
    if others and chance.random() < 0.3:
        return data[:at] + chance.choice(others)
    return data[:at]


def _appended(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """An object behind the end, which only a repairing reader finds."""
    objects = list(_OBJECT.finditer(data))
    if not objects:
        return octets(data, chance, others)
    number = chance.choice(objects)[1]
    return data + b"\n" + number + b" 0 obj" + _body(objects, chance, others) + b"endobj\n"
