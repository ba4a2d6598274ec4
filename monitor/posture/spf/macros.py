"""Macros in SPF records: their syntax and what they stand for (RFC 7208 7)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

from monitor.posture.names import MAX_NAME

LETTERS = frozenset("slodiphv")
EXPLAINING_LETTERS = frozenset("crt")
"""In the text of an explanation alone (7.2)."""

_EXPAND = re.compile(r"%\{([a-z])([0-9]*)(r?)([-.+,/_=]*)\}", re.IGNORECASE | re.ASCII)
_LITERAL = re.compile(r"[\x21-\x24\x26-\x7e]+")
_ESCAPES = {"%%": "%", "%_": " ", "%-": "%20"}
_MOST_PARTS = 999
"""More parts than a value can have; a number of any length is read as this one."""


class MacroError(ValueError):
    """The text is no macro-string (12)."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself. `escape`: it was written `%%`, `%_` or `%-`."""

    text: str
    escape: bool = False


@dataclass(frozen=True, slots=True)
class Macro:
    """`%{…}`: a value, taken apart, perhaps turned round, shortened and escaped."""

    letter: str
    """Lower case."""
    parts: int | None
    """How many are kept, from the right; None keeps all."""
    turned: bool
    delimiters: str
    """Empty stands for a dot."""
    escaped: bool
    """It was written in upper case."""


Piece = Literal | Macro


@dataclass(frozen=True, slots=True)
class MacroString:
    """Text with macros, as it was written and in its pieces."""

    text: str
    pieces: tuple[Piece, ...]

    @property
    def letters(self) -> frozenset[str]:
        """Of its macros."""
        return frozenset(piece.letter for piece in self.pieces if isinstance(piece, Macro))


def read_macros(text: str, letters: frozenset[str] = LETTERS, spaces: bool = False) -> MacroString:
    """A macro-string, or with `spaces` an explain-string (12). Raises MacroError."""
    return MacroString(text, tuple(_pieces(text, letters, spaces)))


def _pieces(text: str, letters: frozenset[str], spaces: bool) -> Iterator[Piece]:
    at = 0
    while at < len(text):
        if literal := _LITERAL.match(text, at):
            yield Literal(literal[0])
            at = literal.end()
        elif escape := _ESCAPES.get(text[at : at + 2]):
            yield Literal(escape, escape=True)
            at += 2
        elif spaces and text[at] == " ":
            yield Literal(" ")
            at += 1
        elif found := _EXPAND.match(text, at):
            yield _macro(found, letters)
            at = found.end()
        else:
            raise MacroError(text[at : at + 20])


def _macro(found: re.Match[str], letters: frozenset[str]) -> Macro:
    letter, digits, turned, delimiters = found.groups()
    if letter.lower() not in letters:
        raise MacroError(found[0])
    return Macro(letter.lower(), _parts(digits), bool(turned), delimiters, escaped=letter.isupper())


def _parts(digits: str) -> int | None:
    """7.1: a number of parts is not zero."""
    if not digits:
        return None
    significant = digits.lstrip("0")
    if not significant:
        raise MacroError(digits[:20])
    return int(significant) if len(significant) <= 3 else _MOST_PARTS


def write(piece: Piece, values: Mapping[str, str]) -> str:
    """What a piece stands for (7.3), given the value of each letter that it may have."""
    if isinstance(piece, Literal):
        return piece.text
    value = values[piece.letter]
    if piece.parts is not None or piece.turned or piece.delimiters:
        value = ".".join(_taken(value, piece))
    return quote(value, safe="-._~") if piece.escaped else value


def _taken(value: str, macro: Macro) -> list[str]:
    delimiters = macro.delimiters or "."
    parts = re.split(f"[{re.escape(delimiters)}]", value)
    if macro.turned:
        parts.reverse()
    return parts if macro.parts is None else parts[-macro.parts :]


def written_name(target: MacroString, values: Mapping[str, str]) -> str:
    """The name that a domain-spec stands for, shortened from the left to 253 octets (7.3).

    It is put together from its right end and no further than the limit needs: a record of 64 KiB
    full of macros is no work.
    """
    name = "".join(reversed(list(_from_the_right(target.pieces, values)))).removesuffix(".")
    while len(name) > MAX_NAME:
        _, dot, name = name[-MAX_NAME - 1 :].partition(".")
        if not dot:
            return ""
    return name


def _from_the_right(pieces: Iterable[Piece], values: Mapping[str, str]) -> Iterator[str]:
    length = 0
    for piece in reversed(tuple(pieces)):
        text = write(piece, values)
        yield text
        length += len(text)
        if length > MAX_NAME + 2:
            return


def address_value(address: IPv4Address | IPv6Address) -> str:
    """Of the letter i: IPv6 by nibbles (7.3), in capitals as the published suite has it."""
    if isinstance(address, IPv4Address):
        return str(address)
    return ".".join(address.exploded.replace(":", "").upper())


def reverse_name(address: IPv4Address | IPv6Address) -> str:
    """Where the names of an address are asked for."""
    return address.reverse_pointer
