"""Text from certificates, headers and file names, made harmless for a terminal and a sentence."""

import unicodedata

_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟", "'"))
_MOST_MARKS = 2
"""Combining marks kept after one letter; Vietnamese needs two at most, decomposed."""


def safe(text: str, limit: int | None = None) -> str:
    """Composed (NFC), on one line, without control characters, at most `limit` characters.

    A terminal obeys escape sequences, bidirectional overrides reorder what is read, and a line
    break forges a second line: each such character becomes U+FFFD, white space one space.
    """
    composed = unicodedata.normalize("NFC", text[: 4 * limit] if limit else text)
    kept: list[str] = []
    marks = 0
    for character in composed:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= _MOST_MARKS:
            kept.append(_shown(character))
    line = " ".join("".join(kept).split())
    if limit is not None and len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def quotable(text: str, limit: int) -> str:
    """`safe`, and unable to close the quotation marks it is put in."""
    return safe(text.translate(_QUOTES), limit)
