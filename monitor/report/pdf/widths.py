"""Widths of a table's columns, from what is in them: no row is measured while it is laid out.

Much as browsers lay out tables (CSS 2.1, 17.5.2.2): each column has at least its longest word and
wants its longest text, a wide one that of most rows. What room is left goes to narrow columns
first, by how much more each wants, then to wide ones, then to heads that still break. Letters
become smaller where room is short.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.report.model import Column
from monitor.report.pdf.text import MAY_BREAK

MM = 72 / 25.4
UPRIGHT = (210 - 30 - 16) * MM
LANDSCAPE = (297 - 30 - 16) * MM
"""Room of a line in points: A4 less the margins of report.typ."""
SIZES = {"whole": (12.0, 11.5, 11.0), "few lines": (11.0, 10.5, 10.0), "words": (9.5, 9.0, 8.0)}
"""Points that are tried, one goal after the other."""
SMALLEST = 7.0
FEW_LINES = 3.0
"""Into which wide texts may break before letters become smaller."""
SMALL = 0.85
"""Of the second line of a cell, an interval (tables.typ)."""
INSET = 2.5
"""Points left and right in a cell."""
BOLD = 1.08
LONGEST_LINE = 16.0
"""Em; longer texts of columns that are not wide always break."""
ONE_LINE = 5.0
"""Em; texts that are longer may break once where room is short."""
MORE = 1.2
"""Of the root of the mean square of a wide column's widths: what most rows need."""
LONGEST_NAME = 24.0
"""Em that a wide column is given for its longest text before heads get more room."""
ROOMY = 8.0
"""Em of a narrow column beyond which its head may break."""
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
    """Of one column, in em and without insets."""

    least: float
    """Its longest word, of a wide one some more."""
    wished: float
    """With it texts break into few lines; a wide one's is that of most rows."""
    full: float
    """With it no more texts break than have to; a wide one's is that of its longest text."""
    roomy: float
    """With it heads do not break either, where there is room enough."""


def need(cells: Iterable[tuple[str, ...]], kind: Column, head: str) -> Need:
    """What the cells of a column need; heads and words instead of shares may be broken."""
    counted = Counter(cells)
    parts = {part * SMALL ** (n > 0) for cell in counted for n, line in enumerate(cell)
             for part in _widths(line)}  # fmt: skip
    least = BOLD * max(*parts, *_widths(head), 0.0)
    widths = {cell: BOLD * width(cell[0]) for cell in counted}
    longest = min(max(widths.values(), default=0.0), LONGEST_LINE)
    of_head = BOLD * width(head)
    if kind is Column.WIDE:
        # As most need: few long notes would take the room of every agency's name.
        mean = sum(counted[cell] * each**2 for cell, each in widths.items())
        most = MORE * math.sqrt(mean / max(counted.total(), 1))
        wished = max(least, min(most, max(widths.values(), default=0.0)))
        full = max(wished, min(max(widths.values(), default=0.0), LONGEST_NAME))
        return Need(max(least, min(wished, WIDE_LEAST)), wished, full, full)
    wished = least if kind is Column.SHARE else min(longest, max(ONE_LINE, longest / 2))
    full = max(least, longest, of_head / 2)
    return Need(least, max(least, wished, of_head / 3), full, max(full, min(of_head, ROOMY)))


def under(needs: Sequence[Need], overs: Sequence[str]) -> list[Need]:
    """Columns with a common head, wide enough together for its longest word."""
    found: list[Need] = []
    for over, group in groupby(zip(overs, needs, strict=True), key=lambda each: each[0]):
        columns = [each for _, each in group]
        word = BOLD * max(_widths(over))
        least = max(0.0, word - sum(each.least for each in columns)) / len(columns)
        third = BOLD * width(over) / 3
        wished = max(0.0, third - sum(each.wished for each in columns)) / len(columns)
        for each in columns:
            needed = each.least + least
            wanted = max(needed, each.wished + wished)
            full = max(wanted, each.full)
            found.append(Need(needed, wanted, full, max(full, each.roomy)))
    return found


def fit(needs: Sequence[Need], kinds: Sequence[Column], room: float) -> Columns:
    """Columns that fill the room where one is wide, else as wide as they can use."""
    wide = [kind is Column.WIDE for kind in kinds]
    size = _size(needs, wide, room)
    widths = _points(size, (each.least for each in needs))
    if sum(widths) > room:
        return Columns(size, tuple(each * room / sum(widths) for each in widths))
    wished, full = ([each.wished for each in needs], [each.full for each in needs])
    roomy = [each.roomy for each in needs]
    steps = ((wished, False), (wished, True), (full, False), (full, True), (roomy, False))
    for goals, of_wide in steps:
        more = [
            max(0.0, each - now) if is_wide is of_wide else 0.0
            for each, now, is_wide in zip(_points(size, goals), widths, wide, strict=True)
        ]
        part = min(1.0, (room - sum(widths)) / sum(more)) if any(more) else 0.0
        widths = [now + each * part for now, each in zip(widths, more, strict=True)]
    of_wide_ones = sum(each for each, is_wide in zip(widths, wide, strict=True) if is_wide)
    factor = 1 + (room - sum(widths)) / of_wide_ones if of_wide_ones else 1.0
    return Columns(
        size,
        tuple(each * factor if is_wide else each
              for each, is_wide in zip(widths, wide, strict=True)),
    )  # fmt: skip


def _size(needs: Sequence[Need], wide: Sequence[bool], room: float) -> float:
    """The largest letters with which no text breaks; else with which wide ones do into few lines.

    Where not even that fits, those with which words do.
    """
    ems = {
        "whole": [each.wished if is_wide else each.full
                  for each, is_wide in zip(needs, wide, strict=True)],
        "few lines": [max(each.least, each.wished / FEW_LINES) if is_wide else each.wished
                      for each, is_wide in zip(needs, wide, strict=True)],
        "words": [each.least for each in needs],
    }  # fmt: skip
    for goal, sizes in SIZES.items():
        for size in sizes:
            if sum(_points(size, ems[goal])) <= room:
                return size
    return SMALLEST


def _widths(text: str) -> Iterator[float]:
    """Of the words of a text."""
    return (width(word) for word in _WORDS.split(text))


def width(text: str) -> float:
    """About how wide Libertinus Serif sets a text, in em."""
    return sum(_em(letter) for letter in text)


def _points(size: float, ems: Iterable[float]) -> list[float]:
    return [each * size + 2 * INSET for each in ems]


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
