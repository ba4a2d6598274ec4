"""Editing the text of a registry file: what is not changed stays as it was written.

Comments, order and layout are the operator's. So the text itself is edited, line by line, and what
comes out is read again: it must say just what was meant (RegistryFile.apply). tomlkit, which keeps
comments too, counts those above an entry to the one before, and gathers tables that stand apart.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.agencies.toml_text import Value, toml_entry, toml_value

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'"
    r"|(?P<comment>\#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)|[^\"'#\[\]{}\n]+",
    re.DOTALL | re.VERBOSE,
)  # fmt: skip
_ENTRY = re.compile(r"""\[\[\s*(["']?)agencies\1\s*\]\]""")
_KEY = re.compile(r"""(["']?)([A-Za-z0-9_-]+)\1\s*=""")


class Statement(NamedTuple):
    """A header or a key with its value; a value may have several lines."""

    text: str
    first: int
    last: int
    """Lines, counted from 0."""
    comment: str
    """Behind it, on its last line."""


def statements(text: str) -> Iterator[Statement]:
    """The statements of a TOML text, which must be good."""
    line = first = depth = at = 0
    said = comment = ""
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token["comment"]:
            comment = token[0]
        elif not token["end"] or depth:
            said += token[0]
            depth += bool(token["open"]) - bool(token["close"])
        line += token[0].count("\n")
        if token["end"] and not depth:
            if said.strip():
                yield Statement(said.strip(), first, line - 1, comment)
            said, first = "", line
        if token["end"]:
            comment = ""
    if said.strip():
        yield Statement(said.strip(), first, line, comment)


@dataclass
class _Entry:
    """Where one [[agencies]] stands."""

    header: Statement
    keys: dict[str, Statement] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The last line of what it says."""
        return max([self.header.last, *(key.last for key in self.keys.values())])


class Editor:
    """Changes and adds entries; nothing happens before `text` is asked for."""

    def __init__(self, text: str) -> None:
        self._newline = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
        self._lines = text.split("\n")
        self.entries = list(_entries(statements(text)))
        self._replaced: dict[int, list[str]] = {}
        """Lines to stand in place of a line; none where it goes."""
        self._behind: dict[int, list[str]] = {}

    def set(self, number: int, changes: Mapping[str, Value | None]) -> None:
        """Change keys of an entry, by its number in the file; None takes a key away."""
        entry = self.entries[number]
        for key, value in changes.items():
            known = entry.keys.get(key)
            line = f"{key} = {toml_value(value)}" if value else None
            if known is None:
                if line:
                    self._behind.setdefault(entry.last, []).append(line)
                continue
            for gone in range(known.first, known.last + 1):
                self._replaced[gone] = []
            if line:
                comment = f"  {known.comment}" if known.comment else ""
                self._replaced[known.last] = [line + comment]

    def add(self, number: int | None, values: Mapping[str, Value | None]) -> None:
        """Add an entry behind another one, or behind all; its lines of comment stay with it."""
        lines = ["", *toml_entry("agencies", values)]
        if self.entries:
            at = self.entries[-1 if number is None else number].last
            while at + 1 < len(self._lines) and self._lines[at + 1].lstrip().startswith("#"):
                at += 1
            if at + 1 < len(self._lines) and _ENTRY.match(self._lines[at + 1].lstrip()):
                lines.append("")
        else:
            at = len(self._lines) - 1
            lines = lines if self._lines[at] or at in self._behind else lines[1:]
        self._behind.setdefault(at, []).extend(lines)

    def text(self) -> str:
        """The text with all changes."""
        made: list[str] = []
        for number, line in enumerate(self._lines):
            made += self._replaced.get(number, [line])
            made += self._behind.get(number, [])
        if made[-1]:
            made.append("")
        return self._newline.join(made)


def _entries(given: Iterable[Statement]) -> Iterator[_Entry]:
    entry: _Entry | None = None
    for statement in given:
        if statement.text.startswith("["):
            if entry:
                yield entry
            entry = _Entry(statement) if _ENTRY.fullmatch(statement.text) else None
        elif entry and (key := _KEY.match(statement.text)):
            entry.keys[key[2]] = statement
    if entry:
        yield entry
