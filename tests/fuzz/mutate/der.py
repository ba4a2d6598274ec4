"""Changes of BER and DER by whole elements; the lengths above them follow."""

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fuzz.mutate.octets import octets

_CONSTRUCTED = 0x20
_MAX_DEPTH = 40
_OIDS = tuple(
    bytes.fromhex(text)
    for text in (
        "2a864886f70d010701", "2a864886f70d010702", "2a864886f70d010703", "2a864886f70d010904",
        "2a864886f70d010903", "2a864886f70d010905", "2a864886f70d0109100104",
        "2a864886f70d010910020e", "2a864886f70d010910022f", "2a864886f70d010906",
        "608648016503040201", "608648016503040203", "2b0e03021a", "2a864886f70d0205",
        "2a8648ce3d040302", "2a8648ce3d0201", "2a864886f70d010101", "2a864886f70d01010a",
        "2a864886f70d01010b", "2b6570", "551d13", "551d0f", "551d25", "551d1f", "551d15",
        "551d1c", "551d14", "551d1b", "2b0601050507300105", "2b06010505073001", "551d2000",
    )
)  # fmt: skip
_TAGS = (0x02, 0x04, 0x05, 0x06, 0x0C, 0x17, 0x18, 0x30, 0x31, 0xA0, 0xA1, 0x80, 0x24, 0x1F)
_TIMES = (b"19700101000000Z", b"20990101000000Z", b"20261121000000.5Z", b"99991231235959Z", b"Z")


@dataclass
class Element:
    """One element: its identifier octet, and its content or its members."""

    tag: int
    content: bytes = b""
    members: list["Element"] | None = None
    form: int = 0
    """How the length is written: 0 shortest, 1 indefinite, 2 longer than needed."""
    tail: bytes = field(default=b"")

    def encode(self) -> bytes:
        body = self.content
        if self.members is not None:
            body = b"".join(member.encode() for member in self.members) + self.tail
        if self.form == 1 and self.members is not None:
            return bytes([self.tag]) + b"\x80" + body + b"\0\0"
        return bytes([self.tag]) + _length(len(body), self.form) + body


def _length(size: int, form: int) -> bytes:
    if size < 0x80 and form != 2:
        return bytes([size])
    text = size.to_bytes(max(1, (size.bit_length() + 7) // 8), "big")
    if form == 2:
        text = b"\0" + text
    return bytes([0x80 | len(text)]) + text


def read(data: bytes, depth: int = 0) -> tuple[Element, int] | None:
    """The first element and where it ends; None where there is none."""
    if len(data) < 2 or depth > _MAX_DEPTH:
        return None
    tag, first = data[0], data[1]
    start = 2
    if first == 0x80:
        return _indefinite(data, depth)
    if first & 0x80:
        start += first & 0x7F
        size = int.from_bytes(data[2:start], "big")
    else:
        size = first
    if start + size > len(data):
        return None
    body = data[start : start + size]
    if not tag & _CONSTRUCTED:
        return Element(tag, body), start + size
    members, rest = _members(body, depth)
    if rest and not members:
        return Element(tag, body), start + size
    return Element(tag, b"", members, tail=rest), start + size


def _indefinite(data: bytes, depth: int) -> tuple[Element, int] | None:
    at, members = 2, []
    while data[at : at + 2] != b"\0\0":
        found = read(data[at:], depth + 1)
        if found is None:
            return None
        members.append(found[0])
        at += found[1]
    return Element(data[0], b"", members, form=1), at + 2


def _members(body: bytes, depth: int) -> tuple[list[Element], bytes]:
    members: list[Element] = []
    while body:
        found = read(body, depth + 1)
        if found is None:
            break
        members.append(found[0])
        body = body[found[1] :]
    return members, body


def der(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """One element is changed, moved, doubled, removed, or replaced by one from elsewhere."""
    found = read(data)
    if found is None:
        return octets(data, chance, others)
    top, end = found
    holders = [each for each in walk(top) if each.members]
    if not holders:
        return octets(data, chance, others)
    holder = chance.choice(holders)
    assert holder.members is not None
    _change(holder.members, chance, top, others)
    return top.encode() + data[end:]


def walk(top: Element) -> list[Element]:
    """An element and everything below it, above before below."""
    return [top, *(below for member in top.members or () for below in walk(member))]


def _change(
    members: list[Element], chance: random.Random, top: Element, others: Sequence[bytes]
) -> None:
    at = chance.randrange(len(members))
    match chance.randrange(10):
        case 0:
            del members[at]
        case 1:
            members.insert(at, members[at])
        case 2:
            members[at] = copy.deepcopy(chance.choice(walk(top)))
        case 3:
            members[at] = _borrowed(chance, others) or members[at]
        case 4:
            other = chance.randrange(len(members))
            members[at], members[other] = members[other], members[at]
        case 5:
            members[at].tag = chance.choice(_TAGS)
        case 6:
            members[at].form = chance.randrange(3)
        case 7:
            members[at] = Element(0x30, b"", [members[at]])
        case _:
            _primitive(members[at], chance)


def _primitive(element: Element, chance: random.Random) -> None:
    if element.members is not None:
        deeper = [each for each in walk(element) if each.members is None]
        if not deeper:
            return
        element = chance.choice(deeper)
    match element.tag:
        case 0x06:
            element.content = chance.choice(_OIDS)
        case 0x17 | 0x18 if chance.random() < 0.5:
            element.content = chance.choice(_TIMES)
        case 0x02 if chance.random() < 0.4:
            element.content = chance.choice((b"\0", b"\1", b"\xff", b"", b"\x7f" * 40, b"\x80"))
        case _:
            element.content = octets(element.content, chance, ())


def _borrowed(chance: random.Random, others: Sequence[bytes]) -> Element | None:
    if not others:
        return None
    found = read(chance.choice(others))
    return chance.choice(walk(found[0])) if found else None
