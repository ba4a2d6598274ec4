"""Numbers and notations of documents (số, ký hiệu) in one form, however a system writes them.

Nghị định 30/2020, phụ lục I: `Số: 12/QĐ-UBND` is number 12 and notation QĐ-UBND; normative acts
write the year between (`12/2026/QĐ-UBND`), the Party's documents a dash (`12-QĐ/TU`).
"""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

LONGEST = 200
"""Characters of a number with its notation."""
_PREFIX = re.compile(
    r"\s*(?:văn bản\s+)?(?:(?:số|so|no)(?![^\W\d_]))?\s*[:.]?\s*(?=\S)", re.IGNORECASE
)
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_AROUND = re.compile(r"\s*([/\-])\s*")
_HEAD = re.compile(r"0*(\d{1,9})(?!\d)([a-zđ]{0,4}(?![^\W\d_]))(?:[/\- ]+(.*))?", re.IGNORECASE)
_USUAL = re.compile(r"([1-9][0-9]{0,8})/([A-ZĐa-zđ][A-ZĐa-zđ0-9&]*(?:-[A-ZĐa-zđ0-9&]+)*)")
"""Where nothing is to be tidied."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?")
_NONE = frozenset({
    "", "-", "/", "không", "không số", "không có", "không có số", "chưa cấp số", "k/s", "n/a",
})  # fmt: skip


class Number(NamedTuple):
    """A document's number; all empty for a document without one."""

    text: str | None = None
    """`12`, `12a`; what is no number stands as it was written."""
    value: int | None = None
    """For gaps; None where the text is no plain number."""
    notation: str | None = None

    @property
    def key(self) -> str:
        """The one form for comparison."""
        return key_of(self.text, self.notation)


def read_number(number: str | None, notation: str | None = None) -> Number:
    """What the cells of number and notation say; either may hold both.

    ValueError tells what to do about a cell that holds something else.
    """
    if number and not notation and (usual := _USUAL.fullmatch(number)):
        return Number(usual[1], int(usual[1]), usual[2])
    written, mark = _tidy(number or ""), _tidy(notation or "").strip("/- ")
    if len(written) + len(mark) > LONGEST:
        raise ValueError("is too long for a number with notation: is it another column?")
    if _DATE.fullmatch(written):
        raise ValueError(
            f"“{written}” is a date: a spreadsheet has taken a number such as 3/12 for one; format "
            "the column as text and enter it again"
        )
    if written.casefold() in _NONE:
        written = ""
    if not written and mark:
        written, mark = mark, ""
    found = _HEAD.fullmatch(written)
    if found is None:
        return Number(written or None, None, mark or None)
    digits, suffix, rest = found[1], found[2], (found[3] or "").strip("/- ")
    text = (digits.lstrip("0") or "0") + suffix
    return Number(text, None if suffix else int(digits), _joined(text, rest, mark) or None)


def _tidy(text: str) -> str:
    """NFC, without `Số:`, no blanks around strokes."""
    plain = _DASHES.sub("-", normalize("NFC", text))
    bare = _PREFIX.sub("", plain, count=1) if plain[:1] in "sSnNvV \t" else plain
    return " ".join(_AROUND.sub(r"\1", bare or plain).split())


def _joined(number: str, rest: str, mark: str) -> str:
    """The notation, of what stood behind the number and in a column of its own."""
    repeated = _HEAD.fullmatch(mark)
    if repeated and (repeated[1].lstrip("0") or "0") + repeated[2] == number:
        mark = (repeated[3] or "").strip("/- ")
    if not rest or not mark:
        return rest or mark
    if key_of(None, rest).endswith(key_of(None, mark)):
        return rest
    return mark if key_of(None, mark).endswith(key_of(None, rest)) else f"{rest}/{mark}"


def key_of(number: str | None, notation: str | None) -> str:
    """Number and notation in one form for comparison: no blanks, no case, one kind of stroke."""
    if number and number.isascii() and number.isdecimal():
        return f"{number}/{_folded(notation)}" if notation else number
    return "/".join(_folded(part) for part in (number, notation) if part).strip("/")


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    folded = normalize("NFC", _DASHES.sub("-", normalize("NFC", text)).casefold())
    return "".join(folded.split()).strip("/-")


def number_key(number: str | None, notation: str | None = None) -> str:
    """The key of cells as they are written; empty where there is no number.

    For what can be no number (too long, a date) empty as well.
    """
    try:
        return read_number(number, notation).key
    except ValueError:
        return ""
