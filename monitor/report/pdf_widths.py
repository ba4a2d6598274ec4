"""Widths of a table's columns, from what is in them: no row is measured while it is laid out.

Much as browsers lay out tables (CSS 2.1, 17.5.2.2): each column has at least its longest word and
wants its longest text, a wide one that of most rows. What room is left goes to narrow columns
first, by how much more each wants, then to wide ones. Letters become smaller where room is short.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.report.model import Column
from monitor.report.pdf_text import MAY_BREAK

MM = 72 / 25.4
UPRIGHT = (210 - 30 - 16) * MM
LANDSCAPE = (297 - 30 - 16) * MM
"""Room of a line in points: A4 less the margins of report.typ."""
SIZES = (12.0, 11.5, 11.0, 10.5, 10.0, 9.0, 8.0, 7.0)
"""Points."""
SMALLEST_FOR_EASE = 10.0
"""Letters are made smaller than this only where not even the longest words fit."""
FEW_LINES = 3.0
"""Into which wide texts may break before letters become smaller."""
SMALL = 0.85
"""Of the second line of a cell, an interval (tables.typ)."""
INSET = 2.5
"""Points left and right in a cell."""
BOLD = 1.08
ONE_LINE = 5.0
"""Em; longer texts of columns that are not wide may break once."""
WIDE_LEAST = 7.0
"""Em of a wide column whose texts are as long."""
_EM = {"narrow": 0.29, "space": 0.25, "wide": 0.82, "upper": 0.68, "digit": 0.47, "other": 0.5}
_WORDS = re.compile(rf"[\s{MAY_BREAK}]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide columns are, in points, and how large their letters."""

    size: float
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Of one column, in em and without insets: what it must have and what it would like."""

    least: float
    wished: float


def need(cells: Iterable[tuple[str, ...]], kind: Column, head: str) -> Need:
    """What the cells of a column need; heads and words instead of shares may be broken."""
    counted = Counter(cells)
    parts = {part * SMALL ** (n > 0) for cell in counted for n, line in enumerate(cell)
             for part in _widths(line)}  # fmt: skip
    least = BOLD * max(*parts, *_widths(head), 0.0)
    if kind is Column.SHARE or not counted:
        return Need(least, least)
    widths = {cell: BOLD * width(cell[0]) for cell in counted}
    if kind is not Column.WIDE:
        longest = max(widths.values())
        return Need(least, max(least, longest if longest <= ONE_LINE else longest / 2))
    # As wide as most need: few long notes would take the room of every agency's name.
    mean = sum(counted[cell] * each**2 for cell, each in widths.items()) / counted.total()
    wished = max(least, math.sqrt(mean))
    return Need(max(least, min(wished, WIDE_LEAST)), wished)


def _widths(text: str) -> Iterator[float]:
    """Of the words of a text."""
    return (width(word) for word in _WORDS.split(text))


def fit(needs: Sequence[Need], kinds: Sequence[Column], room: float) -> Columns:
    """Columns that fill the room where one is wide, else as wide as wished."""
    wide = [kind is Column.WIDE for kind in kinds]
    size = _size(needs, wide, room)
    widths = _least(needs, size)
    if sum(widths) > room:
        return Columns(size, tuple(each * room / sum(widths) for each in widths))
    more = [(each.wished - each.least) * size for each in needs]
    for of_wide in (False, True):
        wanted = [
            each if is_wide is of_wide else 0.0 for each, is_wide in zip(more, wide, strict=True)
        ]
        part = min(1.0, (room - sum(widths)) / sum(wanted)) if any(wanted) else 0.0
        widths = [each + add * part for each, add in zip(widths, wanted, strict=True)]
    of_wide_ones = sum(each for each, is_wide in zip(widths, wide, strict=True) if is_wide)
    more_of_each = (room - sum(widths)) / of_wide_ones if of_wide_ones else 0.0
    return Columns(
        size,
        tuple(
            each * (1 + more_of_each * is_wide) for each, is_wide in zip(widths, wide, strict=True)
        ),
    )


def _size(needs: Sequence[Need], wide: Sequence[bool], room: float) -> float:
    """The largest letters with which wide texts break into few lines, or with which words fit."""
    easy = [
        Need(each.least, max(each.least, each.wished / FEW_LINES) if is_wide else each.wished)
        for each, is_wide in zip(needs, wide, strict=True)
    ]
    for size in SIZES:
        wanted = sum(each.wished * size + 2 * INSET for each in easy)
        if wanted <= room if size > SMALLEST_FOR_EASE else sum(_least(needs, size)) <= room:
            return size
    return SIZES[-1]


def width(text: str) -> float:
    """About how wide Libertinus Serif sets a text, in em."""
    return sum(_em(letter) for letter in text)


def _least(needs: Sequence[Need], size: float) -> list[float]:
    return [each.least * size + 2 * INSET for each in needs]


def _em(letter: str) -> float:
    if letter in "iíìỉĩịljftrI.,:;'|!()[]-/":
        return _EM["narrow"]
    if letter.isspace():
        return _EM["space"]
    if letter in "mwMWƯ%@—":
        return _EM["wide"]
    if letter.isdigit():
        return _EM["digit"]
    return _EM["upper"] if letter.isupper() else _EM["other"]
