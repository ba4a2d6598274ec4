"""Hashes of message bodies as DKIM has them (RFC 6376 3.4.3, 3.4.4), a block at a time.

A body may be tens of megabytes, and a single line of it too; so it is neither split into lines nor
copied as a whole, and nothing here takes longer than the body is long, whatever it is made of.
A line feed alone ends a line as CR LF does: stores and spools keep mails in either form, and it was
signed with CR LF (RFC 6376 5.3).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 16 * 1024
"""Small enough for a processor's cache; and most blocks of an attachment have no blank at all."""


@dataclass(frozen=True, slots=True)
class BodyHash:
    """Of a canonical body or its beginning."""

    digest: bytes
    size: int
    """Octets of the whole canonical body."""


def hash_body(source: bytes, start: int, end: int, *, relaxed: bool, most: int | None) -> BodyHash:
    """SHA-256 of the canonical form of `source[start:end]`, of its first `most` octets alone if
    that is given.
    """
    digest, size = hashlib.sha256(), 0
    for octets in _canonical(source, start, end, relaxed=relaxed):
        if most is None or size + len(octets) <= most:
            digest.update(octets)
        elif size < most:
            digest.update(octets[: most - size])
        size += len(octets)
    return BodyHash(digest.digest(), size)


def _canonical(source: bytes, start: int, end: int, *, relaxed: bool) -> Iterator[bytes]:
    """The canonical body in pieces: empty lines at its end left out, what is left ends in CR LF."""
    carried, empty_lines, begun = b"", 0, False
    for position in range(start, end, BLOCK):
        text = carried + source[position : min(position + BLOCK, end)]
        last = position + BLOCK >= end
        solid, ends, carried = _block(text, relaxed=relaxed, last=last)
        if solid:
            yield from _line_ends(empty_lines)
            yield solid
            begun, empty_lines = True, 0
        empty_lines += ends
    if begun or not relaxed:
        yield b"\r\n"


def _block(text: bytes, *, relaxed: bool, last: bool) -> tuple[bytes, int, bytes]:
    """The canonical form of a block without the line ends that it ends in, how many these are, and
    what only the next block can tell of.

    To look for one octet is several times as fast as for two, so it is tried whether every CR and
    every line feed stands beside the other, as in mail that came by SMTP: then a block without
    blanks, as an attachment's are, is canonical as it stands.
    """
    blank = relaxed and (b" " in text or b"\t" in text)
    lines = text.replace(b"\r", b"")
    whole = lines.replace(b"\n", b"\r\n") == text
    if whole and not blank:
        solid = text.rstrip(b"\r\n")
        return solid, (len(text) - len(solid)) // 2, b""
    lines, carried = _lines(lines if whole else text.replace(b"\r\n", b"\n"), blank, last)
    solid = lines.rstrip(b"\n")
    return solid.replace(b"\n", b"\r\n"), len(lines) - len(solid), carried


def _lines(text: bytes, blank: bool, last: bool) -> tuple[bytes, bytes]:
    """Lines that end in line feeds, blanks squeezed, and what only the next block can tell of."""
    carried = b""
    if text.endswith(b"\r") and not last:
        text, carried = text[:-1], b"\r"
    if blank:
        text = squeezed(text).replace(b" \n", b"\n")
        if text.endswith(b" "):
            text = text[:-1]
            carried = b" " + carried if not last else carried
    return text, carried


def squeezed(text: bytes) -> bytes:
    """Every run of blanks and tabs one blank; by halves, so that long runs take few passes."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def _line_ends(lines: int) -> Iterator[bytes]:
    while lines > 0:
        yield b"\r\n" * min(lines, BLOCK)
        lines -= BLOCK
