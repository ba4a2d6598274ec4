"""Text from registers, mails and plans, made harmless for every file that a report becomes."""

import unicodedata

LONGEST = 500
"""Letters of a name or title; the longest agency name of a registry is below."""
_MOST_MARKS = 2
"""Combining marks after one letter: Vietnamese needs two at most, decomposed."""


def clean(text: str, limit: int = LONGEST) -> str:
    """Composed (NFC), on one line, at most `limit` letters, nothing that is not seen.

    Control characters end cells and lines, direction marks (U+202E …) turn what stands beside them
    around, invisible ones make two names of one: all are left out, white space becomes one space. A
    first letter that a spreadsheet takes for a formula stays: that is the writers' matter.
    """
    composed = unicodedata.normalize("NFC", text[: 4 * limit])
    kept: list[str] = []
    marks = 0
    for letter in composed:
        category = unicodedata.category(letter)
        marks = marks + 1 if category[0] == "M" else 0
        if letter.isspace():
            kept.append(" ")
        elif category[0] != "C" and marks <= _MOST_MARKS:
            kept.append(letter)
    # Two parts that were apart may compose once what stood between them is gone.
    line = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def sentence(text: str) -> str:
    """With a capital at its head and a full stop at its end."""
    if not text:
        return ""
    begun = text[0].upper() + text[1:]
    return begun if begun.endswith((".", "!", "?", "…")) else begun + "."
