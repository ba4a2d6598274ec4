"""Attachments of a TNEF stream (winmail.dat), which Outlook sends in place of MIME ([MS-OXTNEF]).

Only what is needed to find files: attributes one after the other (2.1.3), and in those of
attachments the name, the data and embedded messages among the MAPI properties (2.1.3.4). Ours,
because the library for it copies the rest of the stream for every attribute and gives up the whole
stream for one field it dislikes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.extract.budget import Budget, File
from monitor.extract.words import tidy
from monitor.model import Finding

SIGNATURE = b"\x78\x9f\x3e\x22"
_HEAD = 6
_ATTRIBUTE = struct.Struct("<BII")
_CHECKSUM = 2
_ATTACHMENT_LEVEL = 2
_REND_DATA, _TITLE, _DATA, _PROPERTIES, _CODE_PAGE = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007

_LONG_NAME, _SHORT_NAME, _OBJECT = 0x3707, 0x3704, 0x3701
_STRING, _UNICODE, _OBJECT_TYPE, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_SIZES = {
    0x0001: 0, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4,
    0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
"""Octets of the property types of one length, padded to four ([MS-OXTNEF] 2.1.3.4)."""
_MULTIPLE = 0x1000
_NAMED = 0x8000
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
"""IID_IMessage: what follows is a TNEF stream of its own."""
_DEPTH = 5


class _Cut(Exception):
    """The stream ends or goes astray here; what came before stands."""


@dataclass(slots=True)
class _Attachment:
    title: bytes = b""
    names: dict[int, str] = field(default_factory=dict)
    contents: list[bytes] = field(default_factory=list)
    """One; of several, readers may show any."""
    messages: list[bytes] = field(default_factory=list)

    def name(self, code_page: str) -> str:
        plain = self.title.split(b"\0")[0].decode(code_page, "replace")
        return self.names.get(_LONG_NAME) or plain or self.names.get(_SHORT_NAME) or ""

    def files(self) -> list[bytes]:
        """What it is as a file; empty where that is all there is."""
        said = [content for content in self.contents if content]
        return said or ([] if self.messages else [b""])


def unpack(data: bytes, budget: Budget, depth: int = 0) -> Iterator[File]:
    """The attached files in their order, those of embedded messages in their place."""
    code_page, attachments, whole = _read(data, budget.limits.archive_entries + 1)
    if not whole:
        budget.stop(Finding.MALFORMED)
    for each in attachments:
        for message in each.messages:
            if not budget.may_open():
                return
            if depth < _DEPTH:
                yield from unpack(message, budget, depth + 1)
            else:
                budget.stop(Finding.ARCHIVE_LIMIT)
        for content in each.files():
            if not budget.may_open():
                return
            if len(content) > budget.bytes_left:
                budget.stop(Finding.ARCHIVE_LIMIT)
            else:
                budget.bytes += len(content)
                yield File(tidy(each.name(code_page)), content)


def _read(data: bytes, most: int) -> tuple[str, list[_Attachment], bool]:
    """Code page, at most so many attachments, and whether the stream could be read so far."""
    code_page, attachments = "cp1252", list[_Attachment]()
    try:
        for level, identity, value in _attributes(memoryview(data)):
            if identity == _REND_DATA:
                if len(attachments) >= most:
                    break
                attachments.append(_Attachment())
            elif identity == _CODE_PAGE and len(value) >= 4:
                code_page = _codec(int.from_bytes(value[:4], "little"))
            elif level == _ATTACHMENT_LEVEL and attachments:
                _note(attachments[-1], identity, value, code_page)
    except _Cut:
        return code_page, attachments, False
    return code_page, attachments, True


def _attributes(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Level, id and value of each attribute."""
    if data[:4] != SIGNATURE:
        raise _Cut
    at = _HEAD
    while at + _ATTRIBUTE.size <= len(data):
        level, identity, length = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if level not in (1, _ATTACHMENT_LEVEL) or at + length > len(data):
            raise _Cut
        yield level, identity & 0xFFFF, data[at : at + length]
        at += length + _CHECKSUM
    if bytes(data[at:]).strip(b"\0\r\n"):
        raise _Cut


def _codec(number: int) -> str:
    name = {65001: "utf-8", 20127: "ascii", 0: "cp1252"}.get(number, f"cp{number}")
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name


def _note(attachment: _Attachment, identity: int, value: memoryview, code_page: str) -> None:
    if identity == _TITLE:
        attachment.title = bytes(value)
    elif identity == _DATA:
        attachment.contents.append(bytes(value))
    elif identity == _PROPERTIES:
        for tag, raw in _properties(value):
            _note_property(attachment, tag, raw, code_page)


def _note_property(attachment: _Attachment, tag: int, raw: memoryview, code_page: str) -> None:
    kind, identity = tag & 0xFFFF, tag >> 16
    if identity in (_LONG_NAME, _SHORT_NAME) and kind in (_STRING, _UNICODE):
        codec = "utf-16-le" if kind == _UNICODE else code_page
        attachment.names[identity] = bytes(raw).decode(codec, "replace").split("\0")[0]
    elif identity == _OBJECT and kind in (_OBJECT_TYPE, _BINARY):
        if kind == _BINARY:
            attachment.contents.append(bytes(raw))
        elif raw[:16] == _MESSAGE:
            attachment.messages.append(bytes(raw[16:]))
        else:
            attachment.contents.append(bytes(raw[16:]))


def _properties(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Tag and value of each MAPI property; of several values the first."""
    at = 4
    for _ in range(_number(data, 0)):
        tag = _number(data, at)
        at += 4
        if tag >> 16 >= _NAMED:
            at = _past_name(data, at)
        kind = tag & 0xFFFF & ~_MULTIPLE
        variable = kind in (_STRING, _UNICODE, _OBJECT_TYPE, _BINARY)
        values = 1
        if variable or tag & _MULTIPLE:
            values, at = _number(data, at), at + 4
        if values > len(data):
            raise _Cut
        if _SIZES.get(kind) == 0:  # values of no length: as many of them cost nothing to claim
            values = min(values, 1)
        first: memoryview | None = None
        for _ in range(values):
            value, at = _value(data, at, kind, variable=variable)
            first = value if first is None else first
        if first is not None:
            yield tag, first


def _past_name(data: memoryview, at: int) -> int:
    """A named property says its GUID, then a number or a name."""
    if _number(data, at + 16) == 0:
        return at + 24
    return at + 24 + _padded(_number(data, at + 20))


def _value(data: memoryview, at: int, kind: int, *, variable: bool) -> tuple[memoryview, int]:
    if variable:
        length, at = _number(data, at), at + 4
    elif kind in _SIZES:
        length = _SIZES[kind]
    else:
        raise _Cut
    if at + length > len(data):
        raise _Cut
    return data[at : at + length], at + _padded(length)


def _padded(length: int) -> int:
    return (length + 3) & ~3


def _number(data: memoryview, at: int) -> int:
    if at + 4 > len(data):
        raise _Cut
    return int.from_bytes(data[at : at + 4], "little")
