"""Text of a cell is data and nothing else: NFC, nothing invisible, nothing that was damaged."""

import re
from unicodedata import category, is_normalized, name, normalize

_WHITE = re.compile(r"[^\S\n ]|[\u2028\u2029]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_CP1252 = {
    byte: bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in range(256)
}
"""As browsers read windows-1252: the five bytes without a character stand for themselves."""
CP1252_BYTES = {ord(char): byte for byte, char in _CP1252.items()}
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4][" + "".join(re.escape(_CP1252[byte]) for byte in range(0x80, 0xC0)) + "]"
)
_SUSPECT = re.compile(f"{_MOJIBAKE.pattern}|\ufffd")


def is_clean(text: str) -> bool:
    """True where `clean` would change nothing but blanks at the ends: the quick way to know."""
    return text.isprintable() and (
        text.isascii() or (is_normalized("NFC", text) and not _SUSPECT.search(text))
    )


def clean(text: str) -> tuple[str, str | None]:
    """The text that may be used, and what is wrong with it.

    Every white space but a line break becomes one blank, as copies from the web and from Word hold
    no-break spaces.
    """
    text = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _WHITE.sub(lambda white: "\n" if white[0] in "\u2028\u2029" else " ", text).strip()
    if (original := undone(text)) is not None:
        return text, (
            f"was damaged on its way (UTF-8 read as windows-1252; perhaps “{original[:40]}”): "
            "export the list again as UTF-8"
        )
    if "\ufffd" in text:
        return text, "has lost characters (“\ufffd”): export the list again as UTF-8"
    for char in text:
        if char != "\n" and category(char) in _INVISIBLE:
            what = f"U+{ord(char):04X} {name(char, 'control character')}"
            visible = "".join(one for one in text if one == "\n" or one.isprintable())
            return visible, f"holds an invisible character ({what}): enter it again"
    return text, None


def undone(text: str) -> str | None:
    """What was meant, if the text is UTF-8 that was read as windows-1252, once or more often."""
    original = None
    while _MOJIBAKE.search(text):
        try:
            text = bytes(text.translate(CP1252_BYTES), "latin-1").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return original
        original = text
    return original
