"""Text that the PDF's font can show: what it cannot is marked, and so are texts that are cut."""

import re
import unicodedata

UNSHOWN = "\N{REPLACEMENT CHARACTER}"
CUT = "…"
LONGEST = 400
"""Letters of a cell: rows are never cut in two, so each has to fit a page."""
LONGEST_WORD = 22
"""Letters that stay together; longer ones (addresses, formulas) may break anywhere after these."""
MAY_BREAK = "\N{ZERO WIDTH SPACE}"

_SHOWN = (
    "\u0020-\u007e\u00a0-\u00ac\u00ae-\u017f\u01a0\u01a1\u01af\u01b0\u0300-\u036f"
    "\u0391-\u03a1\u03a3-\u03c9\u0410-\u044f\u1ea0-\u1ef9\u2010-\u2026\u2030\u2032\u2033"
    "\u2039\u203a\u20ab\u20ac\u2122\u2190-\u2195\u2212\u2248\u2260\u25a0\u25a1\u25cf\ufffd"
)
"""Of Libertinus Serif, upright and slanted, light and bold: Latin with all of Vietnamese, Greek,
Cyrillic, punctuation. Another letter would end the making of a PDF/A with an error."""
_OTHERS = re.compile(f"[^{_SHOWN}]")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S)")


def shown(text: str) -> str:
    """The text composed (NFC), with white space as spaces and a mark for what has no glyph."""
    composed = unicodedata.normalize("NFC", text)
    return _OTHERS.sub(UNSHOWN, re.sub(r"\s", " ", composed))


def in_cell(text: str) -> str:
    """The same where there is little room: long texts are cut, long words may be broken."""
    whole = shown(text)
    short = whole if len(whole) <= LONGEST else whole[: LONGEST - 1].rstrip() + CUT
    return _LONG_WORD.sub(rf"\g<0>{MAY_BREAK}", short)
