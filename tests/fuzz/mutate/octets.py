"""Changes of plain bytes, of decimal numbers and of base64 text."""

import base64
import binascii
import itertools
import random
import re
from collections.abc import Sequence

from tests.fuzz.mutate import Mutator

NASTY = (
    b"\x00", b"\xff", b"\n", b"\r\n\r\n", b"--", b"%00", b"../", b"\xe2\x80\x8b", b"\xc3",
    b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x1f\x8b", b"<<" * 20, b"(" * 50, b"A" * 300,
)  # fmt: skip
_EDGES = (0, 1, -1, 2, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**63, 10**12)
_NUMBER = re.compile(rb"-?\d{1,12}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{40}[A-Za-z0-9+/=\r\n\t ]*")
_SEARCHED = 40


def octets(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """One change anywhere: a bit, a byte, a run deleted, doubled, inserted or spliced in."""
    at = chance.randrange(len(data) + 1)
    size = chance.choice((1, 1, 1, 2, 4, 16, 64, 512))
    match chance.randrange(8):
        case 0 | 1 if at < len(data):
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        case 2:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 3:
            return data[:at] + data[at + size :]
        case 4:
            return data[:at] + chance.choice(NASTY) + data[at:]
        case 5:
            return data[:at] + data[max(0, at - size) : at] + data[at:]
        case 6 if others:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            return data[:at] + other[start : start + size] + data[at + size :]
        case _:
            return data[:at] if chance.random() < 0.1 else data[:at] + b" " + data[at:]


def numbers(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A decimal number becomes another: near, far or absurd."""
    found = _some(_NUMBER, data, chance)
    if found is None:
        return octets(data, chance, others)
    value = int(found[0])
    near = value + chance.choice((-1, 1, -10, 10, 100, len(data)))
    new = b"%d" % chance.choice((near, value * 2, chance.choice(_EDGES), chance.randrange(2000)))
    return data[: found.start()] + new + data[found.end() :]


def base64_text(
    data: bytes, chance: random.Random, others: Sequence[bytes], inner: Mutator
) -> bytes:
    """What a run of base64 holds is changed by `inner`, and encoded again."""
    found = _some(_BASE64, data, chance)
    if found is None:
        return octets(data, chance, others)
    try:
        held = base64.b64decode(found[0], validate=False)
    except (binascii.Error, ValueError):
        return octets(data, chance, others)
    pieces = [piece for piece in map(_held, others) if piece]
    changed = inner(held, chance, pieces)
    text = base64.encodebytes(changed) if b"\n" in found[0] else base64.b64encode(changed)
    return data[: found.start()] + text + data[found.end() :]


def _held(data: bytes) -> bytes:
    found = _BASE64.search(data)
    try:
        return base64.b64decode(found[0], validate=False) if found else b""
    except (binascii.Error, ValueError):
        return b""


def _some(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes] | None:
    """A match near a random place, else the first."""
    start = chance.randrange(len(data) + 1)
    found = list(itertools.islice(pattern.finditer(data, start), _SEARCHED))
    return chance.choice(found) if found else pattern.search(data)
