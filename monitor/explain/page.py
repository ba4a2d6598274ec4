"""Typesetting of plain pages: headings, fields and paragraphs, wrapped and indented."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 80
NARROWEST = 40
_NAME = 13
"""Columns of a field's name and its colon."""


class Tone(StrEnum):
    """What a terminal may show in colour."""

    PLAIN = "plain"
    HEADING = "heading"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its line break."""

    text: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Page:
    """A width and an indentation to write at, in columns."""

    width: int = WIDTH
    indent: int = 0

    def deeper(self, columns: int) -> "Page":
        """Further in, until lines would become too narrow to read."""
        fits = self.width - self.indent - columns >= NARROWEST
        return Page(self.width, self.indent + columns) if fits else self

    def heading(self, text: str) -> Iterator[Line]:
        yield from self.text(text, tone=Tone.HEADING)

    def field(self, name: str, value: str, tone: Tone = Tone.PLAIN) -> Iterator[Line]:
        """`name:  value`, values below one another."""
        yield from self.text(value, f"{name + ':':<{_NAME}} ", tone)

    def text(self, text: str, opening: str = "", tone: Tone = Tone.PLAIN) -> Iterator[Line]:
        """A paragraph that begins with `opening`; its other lines begin below the text."""
        margin = " " * self.indent
        wrapped = textwrap.wrap(
            text, max(self.width, NARROWEST), initial_indent=margin + opening,
            subsequent_indent=margin + " " * len(opening), break_on_hyphens=False,
        )  # fmt: skip
        yield from (Line(line, tone) for line in wrapped or [(margin + opening).rstrip()])
