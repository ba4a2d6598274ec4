"""Text for cells: what XML and Excel allow, and how much room it takes."""

import re
import unicodedata
from functools import cache, lru_cache

from monitor.tables import inert

LONGEST = 32_767
"""UTF-16 units that a cell holds (ECMA-376 Part 1, 18.3.1; Excel's specifications and limits)."""
SHEET_NAME = 31
SLACK = 1.06
"""Programs do not agree on the last pixels of a line."""
INSIDE = 16
"""Pixels of a cell that no text stands in: its margins and the indent."""
SHORT = 100
"""Letters of texts that are remembered: codes and names stand in thousands of lines."""

_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Control characters, directions, surrogates, no characters: not in XML, or misleading."""
_SPACES = {ord("\t"): " ", ord("\r"): " "}
_WIDTHS = {
    letter: thousandths / 1000
    for thousandths, letters in {
        180: "'", 200: "|", 250: " ,.", 278: "/\\:;ijlt", 333: "!()-[]`fIr", 389: "Js",
        408: '"', 444: "?acez“”", 469: "^", 480: "{}", 500: "#$*0123456789_bdđghknopquvxy–†",
        541: "~", 549: "≈", 556: "FPS", 564: "+<=>", 611: "ELTZ", 667: "BCR",
        722: "AĐDGHKNOQUVXYw", 778: "&m", 833: "%", 889: "M", 921: "@", 944: "W",
    }.items()
    for letter in letters
}  # fmt: skip
"""Widths of Times' letters in ems (Adobe's AFM of Times-Roman); marks above them add nothing."""
_OTHER = 1.0
_HORN = "\N{COMBINING HORN}"


def fit(text: str) -> str:
    """As a cell may hold it: composed, without what XML refuses, cut visibly where too long."""
    plain = _UNFIT.sub("\ufffd", unicodedata.normalize("NFC", text).translate(_SPACES))
    return cut(plain, LONGEST)


def fit_and_judged(text: str) -> tuple[str, bool]:
    """As a cell may hold it, and whether a spreadsheet could take it for a formula."""
    return _known(text) if len(text) < SHORT else _judged(text)


def _judged(text: str) -> tuple[str, bool]:
    plain = fit(text)
    return plain, inert(plain) != plain


_known = lru_cache(4096)(_judged)


def cut(text: str, most: int) -> str:
    """At most so many UTF-16 units; an ellipsis stands for what is left out."""
    if len(text) * 2 <= most or _units(text) <= most:
        return text
    kept = text[: most - 1]
    while _units(kept) > most - 1:
        kept = kept[: len(kept) - (_units(kept) - most + 2) // 2]
    return kept + "…"


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)


def for_print(text: str, most: int) -> str:
    """For a page header, at most so long: `&` begins a code there (ECMA-376 Part 1, 18.3.1.46)."""
    line = fit(text).replace("\n", " ")
    while _units(shown := cut(line, most).replace("&", "&&")) > most:
        line = line[: len(line) // 2]
    return shown


def sheet_name(wanted: str, taken: set[str]) -> str:
    """Allowed, at most 31 units and not taken; `taken` has names in lower case and is added to."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", fit(wanted).replace("\n", " ")).strip(" '") or "Sheet"
    number = 1
    while True:
        tail = f" ({number})" if number > 1 else ""
        name = cut(plain, SHEET_NAME - len(tail)).strip(" '") + tail
        if name.lower() not in taken and name.lower() != "history":
            taken.add(name.lower())
            return name
        number += 1


# -- room ------------------------------------------------------------------------------------------


def width(text: str, points: float, *, bold: bool = False) -> float:
    """Pixels (96 a inch) of the longest line in Times New Roman."""
    ems = max(map(_ems, text.split("\n")))
    return ems * points * 96 / 72 * (1.08 if bold else 1.0)


def longest_word(text: str, points: float, *, bold: bool = False) -> float:
    return max((width(word, points, bold=bold) for word in text.split()), default=0.0)


def height(text: str, pixels: float, points: float, *, bold: bool = False) -> float:
    """Points that a text takes wrapped at a width: for merged cells, which no program fits."""
    return lines(text, pixels, points, bold=bold) * points * 1.3 + 4


def lines(text: str, pixels: float, points: float, *, bold: bool = False) -> int:
    """Lines of a text wrapped between words at a width."""
    room = max(pixels - INSIDE, 20)
    return sum(_wrapped(line, room, points, bold=bold) for line in text.split("\n"))


def _wrapped(line: str, room: float, points: float, *, bold: bool) -> int:
    if width(line, points, bold=bold) * SLACK <= room:
        return 1
    found, used = 1, 0.0
    space = width(" ", points)
    for word in line.split(" "):
        long = width(word, points, bold=bold) * SLACK
        if used and used + long > room:
            found, used = found + 1, 0.0
        over = int(long // room)
        found, used = found + over, used + long - over * room + space
    return found


def _ems(line: str) -> float:
    return sum(map(_em, line))


@cache
def _em(letter: str) -> float:
    parts = unicodedata.normalize("NFD", letter)
    return _WIDTHS.get(parts[0], _OTHER) + (0.06 if _HORN in parts else 0)
