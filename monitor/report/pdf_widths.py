"""Widths of a table's columns, from what is in them: no row is measured while it is laid out.

Much as browsers lay out tables (CSS 2.1, 17.5.2.2): each column has at least its longest word and
wants its longest text. What room is left goes to narrow columns first, by how much more each wants,
then to wide ones. Where not even the longest words fit, letters become smaller.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.report.model import Column
from monitor.report.pdf_text import MAY_BREAK

MM = 72 / 25.4
UPRIGHT = (210 - 30 - 16) * MM
LANDSCAPE = (297 - 30 - 16) * MM
"""Room of a line in points: A4 less the margins of report.typ."""
SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0)
"""Points, the largest that fits is taken."""
INSET = 3.0
"""Points left and right in a cell."""
BOLD = 1.08
WISHED_WIDEST = 30.0
"""Em; a longer text is broken into lines anyway."""
WIDE_LEAST = 9.0
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
    """Of one column, in em and without insets: its longest word and its longest text."""

    least: float
    wished: float


def need(texts: Iterable[str], kind: Column, head: str) -> Need:
    """What the cells of a column need; heads and words instead of shares may break anywhere."""
    least = max((width(word) * BOLD for word in _WORDS.split(head)), default=0.0)
    wished = 0.0
    for text in set(texts):
        least = max(least, *(width(word) * BOLD for word in _WORDS.split(text)))
        wished = max(wished, min(width(text) * BOLD, WISHED_WIDEST))
    if kind is Column.WIDE:
        least = max(least, min(wished, WIDE_LEAST))
    return Need(least, least if kind is Column.SHARE else max(least, wished))


def fit(needs: Sequence[Need], kinds: Sequence[Column], room: float) -> Columns:
    """Columns that fill the room where one is wide, else as wide as wished."""
    size = next((size for size in SIZES if sum(_least(needs, size)) <= room), SIZES[-1])
    widths = _least(needs, size)
    if sum(widths) > room:
        return Columns(size, tuple(each * room / sum(widths) for each in widths))
    wide = [kind is Column.WIDE for kind in kinds]
    more = [(each.wished - each.least) * size for each in needs]
    for of_wide in (False, True):
        wanted = [
            each if is_wide is of_wide else 0.0 for each, is_wide in zip(more, wide, strict=True)
        ]
        part = min(1.0, (room - sum(widths)) / sum(wanted)) if any(wanted) else 0.0
        widths = [each + add * part for each, add in zip(widths, wanted, strict=True)]
    rest = (room - sum(widths)) / sum(wide) if any(wide) else 0.0
    return Columns(
        size, tuple(each + rest * is_wide for each, is_wide in zip(widths, wide, strict=True))
    )


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
