"""Lists built by code: the fields that the tests read, and texts in old encodings."""

import unicodedata
from pathlib import Path

from monitor.tables import ColumnMapping, Field, Table, read
from monitor.tables.encodings import LEGACY

FIELDS = (
    Field("staff_number", ("Mã cán bộ", "Số hiệu cán bộ"), code=True),
    Field("name", ("Họ và tên", "Họ tên")),
    Field("agency", ("Cơ quan", "Đơn vị"), required=True),
    Field("address", ("Thư điện tử", "Email", "Địa chỉ thư")),
    Field("first_day", ("Từ ngày",)),
)
HEADINGS = "Mã cán bộ,Họ và tên,Cơ quan,Thư điện tử,Từ ngày\n"
TONES = "\u0300\u0301\u0303\u0309\u0323"
_TCVN3 = {letter: byte for byte, letter in LEGACY["tcvn3"].items() if letter != "\ufffd"}


def listing(folder: Path, content: str | bytes, mapping: ColumnMapping | None = None) -> Table:
    path = folder / "danh-sach.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, FIELDS, mapping)


def messages(table: Table) -> list[str]:
    for _ in table.rows:
        pass
    return [str(problem) for problem in table.problems]


def in_windows_1258(text: str) -> bytes:
    """Letters with circumflex, breve and horn are one byte, tones a byte of their own behind."""
    encoded = bytearray()
    for char in text:
        decomposed = unicodedata.normalize("NFD", char)
        tones = "".join(mark for mark in decomposed if mark in TONES)
        base = "".join(mark for mark in decomposed if mark not in TONES)
        encoded += unicodedata.normalize("NFC", base).encode("cp1258") + tones.encode("cp1258")
    return bytes(encoded)


def in_tcvn3(text: str) -> bytes:
    return bytes(ord(char) if char.isascii() else _TCVN3[char] for char in text)


def in_vni(text: str) -> bytes:
    """The accents of a letter are one byte behind it, but for letters that are single bytes."""
    marks = {"â": "\u0302", "ê": "\u0306"}
    tones = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
    both = dict(zip("áàåãä", "\u0301\u0300\u0309\u0303\u0323", strict=True))
    short = dict(zip("éèúüë", "\u0301\u0300\u0309\u0303\u0323", strict=True))
    single = dict(zip("ươđíìỉĩịỵ", "öôñíìæóòî", strict=True))
    accents = {value: key for key, value in {**marks, **tones}.items()}
    accents.update({"\u0302" + tone: byte for byte, tone in both.items()})
    accents.update({"\u0306" + tone: byte for byte, tone in short.items()})
    encoded = ""
    for char in text:
        lower = char.lower()
        decomposed = unicodedata.normalize("NFD", lower)
        if lower in single:
            new = single[lower]
        elif "\u031b" in decomposed:
            tone = "".join(mark for mark in decomposed if mark in TONES)
            horned = unicodedata.normalize("NFC", decomposed[0] + "\u031b")
            new = single[horned] + (accents[tone] if tone else "")
        else:
            marked = "".join(sorted(decomposed[1:], key=lambda mark: mark in TONES))
            new = decomposed[0] + (accents[marked] if marked else "")
        encoded += new if char == lower else new.upper()
    return encoded.encode("latin-1")
