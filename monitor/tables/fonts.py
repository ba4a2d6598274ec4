"""Text that is Vietnamese only in its font: in .VnTime (TCVN3) or VNI fonts other letters look so.

A workbook is Unicode, but what was typed in such a font is kept as the letters of windows-1252 that
have the same bytes: `NguyÔn V¨n` is shown as `Nguyễn Văn`.
"""

from collections.abc import Iterable, Iterator, Mapping
from unicodedata import normalize

from monitor.tables.encodings import CLEAR, LEGACY, RIVAL
from monitor.tables.rows import Number, Record
from monitor.tables.syllables import share_of_syllables
from monitor.tables.text import CP1252_BYTES

FEWEST_WORDS = 3
"""Fewer words with accents say nothing of a font."""

FONTS = {"tcvn3": ".VnTime", "vni": "VNI"}

_TABLES: Mapping[str, Mapping[int, str]] = {
    font: {char: LEGACY[font][byte] for char, byte in CP1252_BYTES.items() if byte >= 0x80}
    for font in FONTS
}


def meant(text: str, font: str) -> str:
    """What the letters show in a font."""
    return text if text.isascii() else normalize("NFC", text.translate(_TABLES[font]))


def refonted(records: Iterator[Record], font: str) -> Iterator[Record]:
    """Records with the letters that their font shows."""
    for number, cells, faults in records:
        yield number, [c if isinstance(c, Number) else meant(c, font) for c in cells], faults


def font_of(cells: Iterable[str]) -> str | None:
    """The font that the text must have been typed in, if it is Vietnamese in that one only."""
    text = " ".join(cells)
    if sum(not word.isascii() for word in text.split()) < FEWEST_WORDS:
        return None
    plain = share_of_syllables(text)
    for font in FONTS:
        shown = share_of_syllables(meant(text, font))
        if shown >= CLEAR and plain <= RIVAL * shown and "\ufffd" not in meant(text, font):
            return font
    return None
