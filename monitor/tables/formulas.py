"""Cells that no spreadsheet takes for a formula (OWASP, CSV injection).

An apostrophe before a text says that it is one. Which texts have one can be told from the text
alone, so that reading back (`plain`) gives exactly what was written.
"""

import re
from typing import TypeVar

_DANGEROUS = re.compile(
    r"['\s\x00\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@\t\r\n\x00＝＋－＠]"
)
"""What a spreadsheet runs begins so, behind what it leaves out or does not show; full-width signs
are such to Excel of the far east. Names are other people's words."""

CellT = TypeVar("CellT")


def inert(cell: CellT) -> CellT | str:
    """The same cell; a text that would be a formula, behind an apostrophe; never a number."""
    if isinstance(cell, str) and _DANGEROUS.match(cell):
        return "'" + cell
    return cell


def plain(text: str) -> str:
    """The text that `inert` was given."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text
