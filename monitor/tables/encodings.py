"""The encodings that Vietnamese lists come in, and telling which one a file is in.

UTF-8 and UTF-16 show themselves. The one-byte encodings do not: the same bytes are letters in each,
so the one is taken in which the words are Vietnamese syllables, and none if two look alike.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from monitor.tables.syllables import share_of_syllables

CLEAR = 0.8
"""So many of the words with accents must be Vietnamese syllables in the encoding that is taken."""
RIVAL = 0.5
"""Another encoding that makes so large a share of them syllables makes it unclear."""

TCVN3_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđ\0\0\0\0\0\0àảãáạ\0ằẳẵắ\0\0\0\0\0\0\0ặầẩẫấậè\0ẻẽ"
    "éẹềểễếệìỉ\0\0\0ĩíịò\0ỏõóọồổỗốộờởỡớợù\0ủũúụừửữứựỳỷỹýỵ\0"
)
"""TCVN 5712:1993 VN3 (ABC, the .VnTime fonts), bytes A1 to FF; \\0 is no letter. Capitals with tone
marks are not in it: the .VnTimeH fonts show small letters as capitals."""

VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301",
    "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
    "ö": "ư", "ô": "ơ", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
}  # fmt: skip
"""VNI for Windows: the accent is a byte of its own behind the letter, here as a character of
Latin-1; a few letters are single bytes. Capital accents stand behind capital letters."""


def _single_byte(codec: str) -> dict[int, str]:
    return {
        byte: bytes([byte]).decode(codec, errors="ignore") or "\ufffd" for byte in range(0x80, 256)
    }


def _tcvn3() -> dict[int, str]:
    table = dict.fromkeys(range(0x80, 0x100), "\ufffd")
    table[0xA0] = " "
    for byte, letter in enumerate(TCVN3_LETTERS, 0xA1):
        if letter != "\0":
            table[byte] = letter
    return table


def _vni() -> dict[int, str]:
    table = dict.fromkeys(range(0x80, 0x100), "\ufffd")
    table[0xA0] = " "
    for char, meant in VNI_MARKS.items():
        table[ord(char)] = meant
        table[ord(char.upper())] = meant.upper()
    return table


LEGACY: Mapping[str, Mapping[int, str]] = {
    "windows-1258": _single_byte("cp1258"),
    "tcvn3": _tcvn3(),
    "vni": _vni(),
    "windows-1252": _single_byte("cp1252"),
}
"""Of each one-byte encoding: what the bytes above ASCII stand for; tone marks combine in NFC."""

GUESSED = ("windows-1258", "tcvn3", "vni")
"""windows-1252 has no Vietnamese letters beyond a few and must be named."""

UNICODE = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16",
    "utf-16le": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16be": "utf-16-be",
    "utf-16-be": "utf-16-be",
}  # fmt: skip
_ALIASES = {
    "cp1258": "windows-1258", "cp1252": "windows-1252", "abc": "tcvn3", "tcvn": "tcvn3",
    "tcvn 3": "tcvn3", "tcvn-3": "tcvn3", "vni-windows": "vni",
}  # fmt: skip
KNOWN = ("utf-8", "utf-16", *LEGACY)


@dataclass(frozen=True)
class Encoding:
    """How bytes become text."""

    name: str
    codec: str
    """What Python reads with; `latin-1` where `table` does the rest."""
    table: Mapping[int, str] | None = None

    def decoded(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines of a text that was opened by `codec`."""
        table = self.table
        if table is None:
            return lines
        return (line if line.isascii() else _composed(line.translate(table)) for line in lines)


def named(name: str) -> Encoding | None:
    """The encoding that a mapping names; None if it is not known."""
    key = name.strip().lower().replace("_", "-")
    if codec := UNICODE.get(key):
        return Encoding(key, codec)
    key = _ALIASES.get(key, key)
    table = LEGACY.get(key)
    return None if table is None else Encoding(key, "latin-1", table)


@dataclass
class Sniffer:
    """Sees a file block by block and says what encoding it is in."""

    start: bytes = b""
    accented: bytearray = field(default_factory=bytearray)
    """Lines that are not ASCII, so many that words can be judged."""
    utf8: bool = True
    wrong_at: int | None = None
    """Where it stops being UTF-8, counted in line feeds before it."""

    def __post_init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")()
        self._lines = 0

    def see(self, block: bytes, *, last: bool = False) -> None:
        """Take the next block of the file."""
        if len(self.start) < 4096:
            self.start += block[:4096]
        if not block.isascii():
            self._keep(block)
        if self.utf8 and (last or not block.isascii() or self._decoder.getstate()[0]):
            try:
                self._decoder.decode(block, last)
            except UnicodeDecodeError as error:
                self.utf8 = False
                self.wrong_at = self._lines + block.count(b"\n", 0, max(error.start, 0))
        self._lines += block.count(b"\n")

    def _keep(self, block: bytes) -> None:
        if len(self.accented) < 262_144:
            for line in block.splitlines():
                if not line.isascii():
                    self.accented += line + b"\n"

    def skip(self, encoding: "Encoding") -> int:
        """Bytes before the text: UTF-8's mark, which only UTF-16's decoder removes by itself."""
        marked = encoding.codec == "utf-8" and self.start.startswith(BOM_UTF8)
        return len(BOM_UTF8) if marked else 0

    def verdict(self) -> "Encoding | str":
        """The encoding, or what to tell where it is not clear."""
        if self.start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return Encoding("utf-16", "utf-16")
        if codec := _utf16_without_bom(self.start):
            return Encoding(codec, codec)
        if self.utf8 or self.start.startswith(BOM_UTF8):
            return Encoding("utf-8", "utf-8")
        return self._guess()

    def _guess(self) -> "Encoding | str":
        raw = bytes(self.accented).decode("latin-1")
        shares = {
            name: share_of_syllables(_composed(raw.translate(LEGACY[name]))) for name in GUESSED
        }
        best, second = sorted(shares, key=lambda name: -shares[name])[:2]
        if shares[best] >= CLEAR and shares[second] <= RIVAL * shares[best]:
            return Encoding(best, "latin-1", LEGACY[best])
        likely = ", ".join(f"{name} ({100 * shares[name]:.0f} %)" for name in shares)
        return (
            f"the encoding is not clear: it is not UTF-8 (line {(self.wrong_at or 0) + 1}), and of "
            f"its words with accents so many would be Vietnamese as {likely}: save the list as "
            f"UTF-8, or set encoding in the mapping ({', '.join(KNOWN)})"
        )


def _composed(text: str) -> str:
    return normalize("NFC", text)


def _utf16_without_bom(start: bytes) -> str | None:
    """UTF-16 of mostly ASCII text has a zero in every other byte."""
    even, odd = start[0:2048:2], start[1:2048:2]
    if len(start) >= 4 and odd.count(0) > 0.4 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(start) >= 4 and even.count(0) > 0.4 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None
